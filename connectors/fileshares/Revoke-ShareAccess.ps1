# Takes what an account or a group may do with a share.
param(
  [Parameter(Mandatory = $true)] [string] $Share,
  [Parameter(Mandatory = $true)] [string] $Account
)
Revoke-SmbShareAccess -Name $Share -AccountName $Account -Force | Out-Null
