using System.ComponentModel;
using System.Diagnostics;
using DevOps.Core.Refusals;
using DevOps.Core.Secrets;

namespace DevOps.Infrastructure.Credentials;

/// <summary>A private key and its public half.</summary>
internal sealed record KeyPair(Sensitive PrivateKey, string PublicKey);

/// <summary>Reads and makes SSH keys with OpenSSH's <c>ssh-keygen</c>. A private key travels on standard input, never as an argument.</summary>
public sealed class SshKeygen(PlatformOptions options)
{
    private const int MaxPublicKey = 4000;
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(20);

    /// <summary>Checks a private key and finds its public half.</summary>
    /// <exception cref="InvalidInput">It is no private key that ssh can open without a passphrase.</exception>
    internal static async Task<KeyPair> ReadAsync(Sensitive privateKey, CancellationToken cancellationToken)
    {
        var text = privateKey.Reveal().Replace("\r\n", "\n", StringComparison.Ordinal).Trim() + "\n";
        if (!text.StartsWith("-----BEGIN ", StringComparison.Ordinal) || !text.Contains("PRIVATE KEY-----", StringComparison.Ordinal))
        {
            throw new InvalidInput("value", "This is no private key. Paste the whole file, from -----BEGIN to the last line.");
        }

        var (exitCode, output) = await RunAsync(["-y", "-P", "", "-f", "/dev/stdin"], text, cancellationToken);
        var line = output.Split('\n')[0].Trim();
        if (exitCode != 0 || line.Length is 0 or > MaxPublicKey)
        {
            throw new InvalidInput("value", "ssh-keygen cannot open this key. Paste the whole file of a private key without a passphrase (ssh-keygen -p -f file removes one), or have a key made here.");
        }

        return new KeyPair(new Sensitive(text), line);
    }

    /// <summary>Makes an Ed25519 key.</summary>
    /// <param name="comment">What stands behind the public key, to recognise it on servers.</param>
    /// <param name="cancellationToken">Ends the program.</param>
    internal async Task<KeyPair> GenerateAsync(string comment, CancellationToken cancellationToken)
    {
        using var folder = HeldFolder.Make(options.Folder("run"), "keygen-");
        var file = Path.Combine(folder.Path, "key");
        var (exitCode, _) = await RunAsync(["-q", "-t", "ed25519", "-N", "", "-C", comment, "-f", file], "", cancellationToken);
        return exitCode == 0
            ? new KeyPair(new Sensitive(await File.ReadAllTextAsync(file, cancellationToken)), (await File.ReadAllTextAsync($"{file}.pub", cancellationToken)).Trim())
            : throw new Unavailable($"ssh-keygen ended with {exitCode}. Is there room on the disk of the data folder?");
    }

    private static async Task<(int ExitCode, string Output)> RunAsync(IEnumerable<string> arguments, string input, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(Limit);
        using var process = Start(arguments);
        try
        {
            await WriteInputAsync(process, input, limit.Token);
            var error = process.StandardError.ReadToEndAsync(limit.Token);
            var output = await process.StandardOutput.ReadToEndAsync(limit.Token);
            await error;
            await process.WaitForExitAsync(limit.Token);
            return (process.ExitCode, output);
        }
        catch (OperationCanceledException e)
        {
            process.Kill(entireProcessTree: true);
            cancellationToken.ThrowIfCancellationRequested();
            throw new Unavailable($"ssh-keygen did not end within {Limit.TotalSeconds:0} seconds ({e.GetType().Name}).");
        }
    }

    private static async Task WriteInputAsync(Process process, string input, CancellationToken cancellationToken)
    {
        try
        {
            await process.StandardInput.WriteAsync(input.AsMemory(), cancellationToken);
            process.StandardInput.Close();
        }
        catch (IOException)
        {
            // It ended before it read everything; its exit code says why.
        }
    }

    private static Process Start(IEnumerable<string> arguments)
    {
        var info = new ProcessStartInfo("ssh-keygen", arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
            WorkingDirectory = "/",
        };
        info.Environment["SSH_ASKPASS_REQUIRE"] = "never";
        try
        {
            return Process.Start(info)!;
        }
        catch (Win32Exception)
        {
            throw new Unavailable("ssh-keygen is not installed on this machine. Install the package openssh-client.");
        }
    }
}
