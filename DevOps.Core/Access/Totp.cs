using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace DevOps.Core.Access;

/// <summary>Codes that follow the clock, RFC 6238: HMAC-SHA-1, six digits, steps of 30 seconds, as every authenticator app reads them.</summary>
public static class Totp
{
    /// <summary>Digits of a code.</summary>
    public const int Digits = 6;

    // RFC 4226 asks for as many bits as the hash has.
    private const int KeyBytes = 20;
    private const int StepSeconds = 30;
    private const int Modulus = 1_000_000;

    // Clocks differ, and people type slowly: the step before and the step after count too.
    private const int Drift = 1;
    private const int BitsPerLetter = 5;
    private const string Base32Letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

    /// <summary>Makes a new secret.</summary>
    public static byte[] NewKey() => RandomNumberGenerator.GetBytes(KeyBytes);

    /// <summary>The number of the step a time lies in.</summary>
    public static long StepAt(DateTimeOffset time) => time.ToUnixTimeSeconds() / StepSeconds;

    /// <summary>The code of a step.</summary>
    public static string Code(byte[] key, long step)
    {
        Span<byte> counter = stackalloc byte[sizeof(long)];
        BinaryPrimitives.WriteInt64BigEndian(counter, step);
        Span<byte> hash = stackalloc byte[HMACSHA1.HashSizeInBytes];
#pragma warning disable CA5350 // The standard's hash, and the only one that every authenticator app knows; HMAC does not lean on what SHA-1 lost.
        HMACSHA1.HashData(key, counter, hash);
#pragma warning restore CA5350
        var offset = hash[^1] & 0x0F;
        var number = BinaryPrimitives.ReadInt32BigEndian(hash[offset..]) & 0x7FFF_FFFF;
        return (number % Modulus).ToString("D6", CultureInfo.InvariantCulture);
    }

    /// <summary>The step whose code this is, near the given time; null when it is the code of none. Looks at all of them, in constant time each.</summary>
    public static long? Match(byte[] key, string code, DateTimeOffset now)
    {
        long? found = null;
        var typed = Encoding.UTF8.GetBytes(code);
        var step = StepAt(now);
        for (var candidate = step - Drift; candidate <= step + Drift; candidate++)
        {
            if (CryptographicOperations.FixedTimeEquals(typed, Encoding.UTF8.GetBytes(Code(key, candidate))))
            {
                found = candidate;
            }
        }

        return found;
    }

    /// <summary>The secret as people type it into an app (RFC 4648, base 32, without padding).</summary>
    public static string Text(byte[] key)
    {
        var text = new StringBuilder();
        var (buffer, bits) = (0, 0);
        foreach (var value in key)
        {
            buffer = (buffer << 8) | value;
            for (bits += 8; bits >= BitsPerLetter; bits -= BitsPerLetter)
            {
                text.Append(Base32Letters[(buffer >> (bits - BitsPerLetter)) & 0x1F]);
            }

            buffer &= 0xFF;
        }

        return bits == 0 ? text.ToString() : text.Append(Base32Letters[(buffer << (BitsPerLetter - bits)) & 0x1F]).ToString();
    }

    /// <summary>The address that a QR code holds (the <c>otpauth</c> form that authenticator apps share).</summary>
    public static string Address(string issuer, string account, byte[] key) =>
        $"otpauth://totp/{Uri.EscapeDataString(issuer)}:{Uri.EscapeDataString(account)}?secret={Text(key)}&issuer={Uri.EscapeDataString(issuer)}";
}
