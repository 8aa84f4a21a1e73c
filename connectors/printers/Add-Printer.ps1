# Adds a printer at an address, with a port of that name unless there is one, and shares it.
param(
  [Parameter(Mandatory = $true)] [string] $Name,
  [Parameter(Mandatory = $true)] [string] $Driver,
  [Parameter(Mandatory = $true)] [string] $Address
)
if (-not (Get-PrinterPort | Where-Object { $_.Name -eq $Address })) {
  Add-PrinterPort -Name $Address -PrinterHostAddress $Address
}
Add-Printer -Name $Name -DriverName $Driver -PortName $Address -Shared -ShareName $Name
