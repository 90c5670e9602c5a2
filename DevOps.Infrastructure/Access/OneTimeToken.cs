using System.Security.Cryptography;
using System.Text;

namespace DevOps.Infrastructure.Access;

/// <summary>Random words that open something once. Only their hash is stored; as they cannot be guessed, a fast hash is enough.</summary>
internal static class OneTimeToken
{
    private const int Bytes = 32;

    public static string New() => Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(Bytes));

    public static string Hash(string token) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(token)));
}
