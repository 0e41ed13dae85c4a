// The clicks in Entra as a script for Microsoft Graph PowerShell.
import type {ServiceProvider} from '../setup';

/// A PowerShell string that means exactly `text`. PowerShell takes the typographic quotes for straight ones.
export function quoted(text: string): string {
  const plain = text.replace(/\p{Cc}+/gu, ' ');
  return `'${plain.replace(/['‘’‚‛]/g, '$&$&')}'`;
}

/// Lines of a file that Windows PowerShell 5.1 reads as well: it takes a file for UTF-8 only if a byte order mark says so.
export const scriptFile = (script: string) => `\uFEFF${script.replaceAll('\n', '\r\n')}`;

export function entraScript(company: string, ours: ServiceProvider): string {
  // Entra takes no other address than https here.
  const logoutUrl = ours.logoutUrl.startsWith('https:') ? ours.logoutUrl : '';
  return `# Creates the SAML application in Microsoft Entra ID and prints its App Federation Metadata Url.
#
# Whoever runs it needs the role Cloud Application Administrator, and once per computer:
#   Install-Module Microsoft.Graph.Authentication, Microsoft.Graph.Applications -Scope CurrentUser
#Requires -Modules Microsoft.Graph.Authentication, Microsoft.Graph.Applications

# In one piece, so that a failure ends it also where it was pasted.
& {
  $ErrorActionPreference = 'Stop'
  # Modules do not take the line above from a script.
  $PSDefaultParameterValues = @{ '*-Mg*:ErrorAction' = 'Stop' }

  $name = ${quoted(`Doorward (${company})`)}
  $entityId = ${quoted(ours.entityId)}
  $acsUrl = ${quoted(ours.acsUrl)}
  $signOnUrl = ${quoted(ours.signOnUrl)}
  $logoutUrl = ${quoted(logoutUrl)}

  # What was just created is not known everywhere in Entra at once.
  function Invoke-Patiently([scriptblock] $Step) {
    foreach ($attempt in 1..12) {
      try { return & $Step } catch { if ($attempt -eq 12) { throw } }
      Write-Host 'Not ready in Entra yet, trying again...'
      Start-Sleep -Seconds 5
    }
  }

  Connect-MgGraph -Scopes 'Application.ReadWrite.All', 'AppRoleAssignment.ReadWrite.All', 'User.Read' -NoWelcome
  $tenant = (Get-MgContext).TenantId
  $me = Invoke-MgGraphRequest -Method GET -Uri 'https://graph.microsoft.com/v1.0/me?$select=id,displayName,mail'

  $known = Get-MgApplication -Filter "identifierUris/any(uri:uri eq '$($entityId -replace "'", "''")')"
  if ($known) { throw "There is an application with the identifier $entityId already: $($known.DisplayName)" }

  # A non-gallery application, with SAML as the sign-on method.
  $created = Invoke-MgInstantiateApplicationTemplate -ApplicationTemplateId '8adf8e6e-67b2-4cf2-a259-e3dc5476c621' -DisplayName $name
  $application = $created.Application
  $principal = $created.ServicePrincipal
  Invoke-Patiently {
    Update-MgServicePrincipal -ServicePrincipalId $principal.Id -PreferredSingleSignOnMode 'saml' -LoginUrl $signOnUrl
  }

  # Basic SAML Configuration.
  $web = @{ RedirectUris = @($acsUrl) }
  if ($logoutUrl) { $web.LogoutUrl = $logoutUrl }
  Invoke-Patiently { Update-MgApplication -ApplicationId $application.Id -IdentifierUris @($entityId) -Web $web }

  # The signing certificate, which is valid for three years.
  $certificate = Invoke-Patiently {
    Add-MgServicePrincipalTokenSigningCertificate -ServicePrincipalId $principal.Id -DisplayName 'CN=Doorward'
  }
  Invoke-Patiently {
    Update-MgServicePrincipal -ServicePrincipalId $principal.Id -PreferredTokenSigningKeyThumbprint $certificate.Thumbprint
  }

  # Assign users and groups: whoever runs this.
  $roles = (Invoke-Patiently { Get-MgServicePrincipal -ServicePrincipalId $principal.Id }).AppRoles
  $role = $roles | Where-Object { $_.IsEnabled -and $_.DisplayName -eq 'User' } | Select-Object -First 1
  $roleId = if ($role) { $role.Id } else { [guid]::Empty.ToString() }
  Invoke-Patiently {
    New-MgServicePrincipalAppRoleAssignedTo -ServicePrincipalId $principal.Id -ResourceId $principal.Id -PrincipalId $me.id -AppRoleId $roleId
  } | Out-Null

  if (-not $me.mail) { Write-Warning 'Your own account has no e-mail under Contact info. Add one, or you may not be able to sign in.' }
  Write-Host ''
  Write-Host "Created and assigned to $($me.displayName): $name"
  Write-Host 'App Federation Metadata Url:'
  Write-Host "https://login.microsoftonline.com/$tenant/federationmetadata/2007-06/federationmetadata.xml?appid=$($application.AppId)"
}
`;
}
