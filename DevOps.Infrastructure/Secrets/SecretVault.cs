using System.Security.Cryptography;
using System.Text;
using DevOps.Core.Pipeline;
using DevOps.Core.Refusals;
using DevOps.Core.Secrets;
using DevOps.Infrastructure.Persistence;

namespace DevOps.Infrastructure.Secrets;

/// <summary>Encrypts values with AES-256-GCM. Each value is bound to its purpose: moved to another row, it does not open.</summary>
/// <remarks>Layout: version (1 byte), key id (4), nonce (12), tag (16), ciphertext. Version, key id and purpose are authenticated.</remarks>
public sealed class SecretVault(KeyRing keys)
{
    private const byte Version = 1;
    private const int NonceLength = 12;
    private const int TagLength = 16;
    private const int HeadLength = 1 + KeyRing.IdLength;
    private const int OverheadLength = HeadLength + NonceLength + TagLength;

    /// <summary>Purpose of a credential's value.</summary>
    public static string CredentialPurpose(string name) => $"credential/{name}";

    /// <summary>Purpose of a secret's value.</summary>
    public static string SecretPurpose(SecretScope scope, long ownerId, string name) =>
        string.Create(System.Globalization.CultureInfo.InvariantCulture, $"secret/{Json.Word(scope)}/{ownerId}/{name}");

    /// <summary>Encrypts a value for a purpose.</summary>
    public byte[] Seal(string purpose, Sensitive value)
    {
        var plain = Encoding.UTF8.GetBytes(value.Reveal());
        var result = new byte[OverheadLength + plain.Length];
        var (id, key) = keys.First;
        result[0] = Version;
        id.CopyTo(result, 1);
        var nonce = result.AsSpan(HeadLength, NonceLength);
        RandomNumberGenerator.Fill(nonce);
        using var aes = new AesGcm(key, TagLength);
        aes.Encrypt(nonce, plain, result.AsSpan(OverheadLength), result.AsSpan(HeadLength + NonceLength, TagLength), Bound(result, purpose));
        CryptographicOperations.ZeroMemory(plain);
        return result;
    }

    /// <summary>Decrypts a value that was sealed for the same purpose.</summary>
    /// <exception cref="SecretUnreadable">It was changed, belongs elsewhere, or was sealed with a key that is not here.</exception>
    public Sensitive Open(string purpose, byte[] @sealed)
    {
        if (@sealed.Length < OverheadLength || @sealed[0] != Version)
        {
            throw new SecretUnreadable(purpose, "its form is not known to this version of the platform");
        }

        var key = keys.Find(@sealed.AsSpan(1, KeyRing.IdLength))
            ?? throw new SecretUnreadable(purpose, "it was encrypted with another master key; start the platform with that key, or enter the value again");
        var plain = new byte[@sealed.Length - OverheadLength];
        try
        {
            using var aes = new AesGcm(key, TagLength);
            aes.Decrypt(
                @sealed.AsSpan(HeadLength, NonceLength),
                @sealed.AsSpan(OverheadLength),
                @sealed.AsSpan(HeadLength + NonceLength, TagLength),
                plain,
                Bound(@sealed, purpose));
            return new Sensitive(Encoding.UTF8.GetString(plain));
        }
        catch (AuthenticationTagMismatchException)
        {
            throw new SecretUnreadable(purpose, "it was changed in the database or belongs to another row; enter the value again");
        }
        finally
        {
            CryptographicOperations.ZeroMemory(plain);
        }
    }

    private static byte[] Bound(ReadOnlySpan<byte> @sealed, string purpose) => [.. @sealed[..HeadLength], .. Encoding.UTF8.GetBytes(purpose)];
}

/// <summary>A stored value that cannot be decrypted. The message names what it is for, never the value.</summary>
public sealed class SecretUnreadable(string purpose, Sentence why) : StepFailure($"The stored value of {purpose} cannot be read: {why}.")
{
    /// <summary>What the value is for.</summary>
    public string Purpose { get; } = purpose;
}
