# Keeps an address no longer. A lease that the device holds runs on until it ends.
param(
  [Parameter(Mandatory = $true)] [string] $Scope,
  [Parameter(Mandatory = $true)] [string] $Hardware
)
$device = $Hardware -replace ':', '-'
Remove-DhcpServerv4Reservation -ScopeId $Scope -ClientId $device -Confirm:$false | Out-Null
