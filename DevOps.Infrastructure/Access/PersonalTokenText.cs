using System.Security.Cryptography;
using System.Text;

namespace DevOps.Infrastructure.Access;

/// <summary>The text of a personal token: a mark by which people and scanners know it, and 256 random bits.</summary>
public static class PersonalTokenText
{
    /// <summary>Every token begins with it.</summary>
    public const string Mark = "dvt_";

    private const int Bytes = 32;
    private const int HintLength = 8;
    private static readonly int Length = Mark.Length + (2 * Bytes);

    internal static string New() => Mark + Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(Bytes));

    internal static byte[] Hash(string text) => SHA256.HashData(Encoding.UTF8.GetBytes(text));

    internal static string Hint(string text) => text[..HintLength];

    /// <summary>Says whether a text can be a token at all.</summary>
    internal static bool IsWellFormed(string text) => text.Length == Length && text.StartsWith(Mark, StringComparison.Ordinal);
}
