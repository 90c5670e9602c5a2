using DevOps.Core.Credentials;

namespace DevOps.Blazor.Credentials;

/// <summary>Icons of kinds of credentials.</summary>
public static class CredentialLook
{
    /// <summary>Name of the icon.</summary>
    public static string Icon(CredentialKind kind) => kind switch
    {
        CredentialKind.SshKey => "vpn_key",
        CredentialKind.Password => "password",
        _ => "token",
    };
}
