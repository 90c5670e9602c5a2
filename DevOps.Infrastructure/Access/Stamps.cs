using System.Security.Cryptography;

namespace DevOps.Infrastructure.Access;

/// <summary>Random words that change when sessions must end (security stamp) or a row changed (concurrency stamp).</summary>
internal static class Stamps
{
    private const int Bytes = 20;

    public static string New() => Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(Bytes));
}
