# Keeps an address for a device. The server refuses one that is kept for another.
param(
  [Parameter(Mandatory = $true)] [string] $Scope,
  [Parameter(Mandatory = $true)] [string] $Hardware,
  [Parameter(Mandatory = $true)] [string] $Address,
  [string] $Name
)
$device = $Hardware -replace ':', '-'
$more = @{}
if ($Name) { $more.Name = $Name }
Add-DhcpServerv4Reservation -ScopeId $Scope -IPAddress $Address -ClientId $device @more | Out-Null
