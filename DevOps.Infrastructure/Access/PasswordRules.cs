using DevOps.Core.Refusals;
using Microsoft.AspNetCore.Identity;

namespace DevOps.Infrastructure.Access;

/// <summary>What a password must be: long, not the user's name, and none of those that are tried first. No rules about kinds of characters: they make passwords worse.</summary>
public sealed class PasswordRules : IPasswordValidator<Account>
{
    /// <summary>Fewest characters of a password.</summary>
    public const int MinLength = 10;

    /// <summary>Most characters of a password.</summary>
    public const int MaxLength = 200;

    // PBKDF2 with HMAC-SHA512; OWASP asks for 210,000 rounds (2025).
    internal const int Iterations = 210_000;
    private const int MinDifferent = 4;
    private const int MinBesideName = 6;

    /// <summary>Notes what is wrong with a password.</summary>
    public static void Check(string? password, string? userName, string field, Faults faults) =>
        faults.AddAny(field, Fault(password ?? "", userName ?? ""));

    /// <inheritdoc/>
    public Task<IdentityResult> ValidateAsync(UserManager<Account> manager, Account user, string? password) =>
        Task.FromResult(Fault(password ?? "", user.UserName ?? "") is { } fault
            ? IdentityResult.Failed(new IdentityError { Code = "PasswordRefused", Description = fault.ToString() })
            : IdentityResult.Success);

    internal static void Configure(IdentityOptions options)
    {
        options.Password.RequiredLength = MinLength;
        options.Password.RequireDigit = false;
        options.Password.RequireLowercase = false;
        options.Password.RequireUppercase = false;
        options.Password.RequireNonAlphanumeric = false;
    }

    private static Sentence? Fault(string password, string userName) => password switch
    {
        { Length: < MinLength } => Sentence.Of($"Use at least {MinLength} characters."),
        { Length: > MaxLength } => $"Use at most {MaxLength} characters.",
        _ when password.Distinct().Count() < MinDifferent => $"Use at least {MinDifferent} different characters.",
        _ when CommonPasswords.Contains(password) => "This password is among the first that are tried. Choose another, for instance a few words in a row.",
        _ when IsNearly(password, userName) => "The password must not be the user name with a few characters around it.",
        _ => null,
    };

    private static bool IsNearly(string password, string userName) =>
        userName.Length > 0
        && password.Contains(userName, StringComparison.OrdinalIgnoreCase)
        && password.Length - userName.Length < MinBesideName;
}
