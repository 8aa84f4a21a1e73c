# Gives the printer of a name: nothing, or one object. By comparison, since -Name takes wildcards.
param([Parameter(Mandatory = $true)] [string] $Name)
Get-Printer | Where-Object { $_.Name -eq $Name } | ForEach-Object {
  [pscustomobject]@{
    name   = [string] $_.Name
    driver = [string] $_.DriverName
    port   = [string] $_.PortName
    shared = [bool] $_.Shared
  }
}
