using DevOps.Core.Refusals;
using DevOps.Core.Secrets;

namespace DevOps.Core.Credentials;

/// <summary>What a person wants a credential to be.</summary>
public sealed record CredentialDraft
{
    private const int MaxKeyLength = 32 * 1024;
    private const int MaxPasswordLength = 1000;
    private const int MaxTokenLength = 4096;

    /// <summary>Slug.</summary>
    public string Name { get; init; } = "";

    /// <summary>What the value is.</summary>
    public CredentialKind Kind { get; init; }

    /// <summary>The private key, password or token; null when a key is to be made.</summary>
    public Sensitive? Value { get; init; }

    /// <summary>Whether the platform makes an Ed25519 key itself.</summary>
    public bool Generate { get; init; }

    /// <summary>Notes every fault, by the field's name in the HTTP contract. Whether a key opens is for ssh-keygen to say.</summary>
    public void Check(Faults faults)
    {
        Slug.Check(Name, "name", faults);
        faults.When(!Enum.IsDefined(Kind), "kind", "Give sshKey, password or token.");
        faults.When(Generate && Kind != CredentialKind.SshKey, "generate", "Only keys can be made here.");
        faults.When(Generate && Value is not null, "value", "Give a value or have one made, not both.");
        if (Generate)
        {
            return;
        }

        var value = Value?.Reveal() ?? "";
        faults.When(value.Length == 0, "value", "A value is needed.");
        switch (Kind)
        {
            case CredentialKind.SshKey:
                faults.When(value.Length > MaxKeyLength, "value", $"A private key has {MaxKeyLength} characters at most.");
                faults.When(value.Contains('\0', StringComparison.Ordinal), "value", "A private key is text.");
                break;
            case CredentialKind.Password:
                faults.When(value.Length > MaxPasswordLength, "value", $"Use {MaxPasswordLength} characters at most.");
                faults.When(TextRule.HasControl(value), "value", "Control characters and line breaks cannot be part of a password.");
                break;
            default:
                faults.When(value.Length > MaxTokenLength, "value", $"Use {MaxTokenLength} characters at most.");
                faults.When(value.Any(c => c is <= ' ' or >= '\u007f'), "value", "A token has neither blanks nor characters outside ASCII.");
                break;
        }
    }
}
