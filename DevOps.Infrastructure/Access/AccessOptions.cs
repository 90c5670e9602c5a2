namespace DevOps.Infrastructure.Access;

/// <summary>Limits of signing in. Section <c>Access</c> of the configuration.</summary>
public sealed class AccessOptions
{
    /// <summary>Section of the configuration.</summary>
    public const string Section = "Access";

    /// <summary>Failures in a row after which an account is locked.</summary>
    public int FailuresPerAccount { get; set; } = 5;

    /// <summary>Failures from one address, over all accounts, after which the address has to wait.</summary>
    public int FailuresPerAddress { get; set; } = 30;

    /// <summary>How long an account stays locked and an address has to wait.</summary>
    public int LockSeconds { get; set; } = 300;

    /// <summary>Attempts per minute from one address, failed or not: each costs the processor a slow hash.</summary>
    public int AttemptsPerMinute { get; set; } = 300;

    /// <summary>How long an access token is good.</summary>
    public int TokenSeconds { get; set; } = 8 * 3600;

    /// <summary>Days after which the key of access tokens is replaced.</summary>
    public int SigningKeyDays { get; set; } = 30;

    /// <summary>How long a browser stays signed in without a visit.</summary>
    public int SessionSeconds { get; set; } = 7 * 24 * 3600;

    /// <summary>Most personal tokens of one account.</summary>
    public int TokensPerAccount { get; set; } = 50;

    /// <summary>Longest life of a personal token in days, and the life of one for which no end was asked; 0: no limit.</summary>
    public int PersonalTokenDays { get; set; } = 366;

    /// <summary><see cref="LockSeconds"/> as a span.</summary>
    public TimeSpan Lock => TimeSpan.FromSeconds(LockSeconds);
}
