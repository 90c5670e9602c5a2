namespace DevOps.Infrastructure.Notifications;

/// <summary>The mail server. Section <c>Mail</c> of the configuration.</summary>
public sealed class MailOptions
{
    /// <summary>Section of the configuration.</summary>
    public const string Section = "Mail";

    private const int ImplicitPort = 465;

    /// <summary>Host name; empty: no mail is sent.</summary>
    public string Host { get; set; } = "";

    /// <summary>Port.</summary>
    public int Port { get; set; } = 587;

    /// <summary>Whether the connection must be encrypted before anything is said over it.</summary>
    public bool Tls { get; set; } = true;

    /// <summary>Whether it is encrypted from its first byte instead of by STARTTLS; when nothing is said, on port 465.</summary>
    public bool? ImplicitTls { get; set; }

    /// <summary>File with the root certificates that are trusted instead of the machine's (PEM); empty: the machine's.</summary>
    public string CaFile { get; set; } = "";

    /// <summary>User name; empty: no sign-in.</summary>
    public string User { get; set; } = "";

    /// <summary>Password.</summary>
    public string Password { get; set; } = "";

    /// <summary>Address of the sender.</summary>
    public string From { get; set; } = "";

    /// <summary>Whether the first byte is encrypted already.</summary>
    public bool IsEncryptedFromTheStart => Tls && (ImplicitTls ?? Port == ImplicitPort);

    /// <summary>Whether mail can be sent.</summary>
    public bool IsSet => Host.Length > 0 && From.Length > 0;
}
