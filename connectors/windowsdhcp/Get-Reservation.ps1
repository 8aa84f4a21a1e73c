# Gives what the server keeps for one device in a scope: nothing, or one object.
param(
  [Parameter(Mandatory = $true)] [string] $Scope,
  [Parameter(Mandatory = $true)] [string] $Hardware
)
$wanted = $Hardware -replace '[:-]', ''
Get-DhcpServerv4Reservation -ScopeId $Scope |
  Where-Object { ($_.ClientId -replace '[:-]', '') -eq $wanted } |
  ForEach-Object {
    [pscustomobject]@{ address = $_.IPAddress.IPAddressToString; hardware = $Hardware; name = [string] $_.Name }
  }
