namespace DevOps.Infrastructure.Notifications;

/// <summary>The mail server. Section <c>Mail</c> of the configuration.</summary>
public sealed class MailOptions
{
    /// <summary>Section of the configuration.</summary>
    public const string Section = "Mail";

    /// <summary>Host name; empty: no mail is sent.</summary>
    public string Host { get; set; } = "";

    /// <summary>Port.</summary>
    public int Port { get; set; } = 587;

    /// <summary>Whether the connection must be encrypted (STARTTLS) before anything is said over it.</summary>
    public bool Tls { get; set; } = true;

    /// <summary>User name; empty: no sign-in.</summary>
    public string User { get; set; } = "";

    /// <summary>Password.</summary>
    public string Password { get; set; } = "";

    /// <summary>Address of the sender.</summary>
    public string From { get; set; } = "";

    /// <summary>Whether mail can be sent.</summary>
    public bool IsSet => Host.Length > 0 && From.Length > 0;
}
