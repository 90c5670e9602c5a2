using System.Diagnostics;

namespace DevOps.Infrastructure.Hosting;

/// <summary>Runs a local program by argument list and waits for its end.</summary>
public static class LocalProcess
{
    /// <summary>Runs a program; its output is kept.</summary>
    /// <param name="words">Program and arguments.</param>
    /// <param name="timeout">After this time the program and its children are killed.</param>
    /// <param name="cancellationToken">Kills the program and its children.</param>
    /// <param name="environment">Variables on top of this process's own; the way for what no argument may show.</param>
    /// <exception cref="InvalidOperationException">The program ended with another code than 0, or ran out of time; the message holds the end of its output.</exception>
    public static async Task<string> RunAsync(IReadOnlyList<string> words, TimeSpan timeout, CancellationToken cancellationToken, IReadOnlyDictionary<string, string>? environment = null)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(timeout);
        using var process = new Process { StartInfo = StartInfo(words, environment) };
        process.Start();
        process.StandardInput.Close();
        var output = process.StandardOutput.ReadToEndAsync(CancellationToken.None);
        var error = process.StandardError.ReadToEndAsync(CancellationToken.None);
        try
        {
            await process.WaitForExitAsync(limit.Token);
        }
        catch (OperationCanceledException e)
        {
            process.Kill(entireProcessTree: true);
            cancellationToken.ThrowIfCancellationRequested();
            throw new InvalidOperationException($"{Path.GetFileName(words[0])} did not end within {timeout.TotalSeconds:0} s.", e);
        }

        return process.ExitCode == 0
            ? await output
            : throw new InvalidOperationException($"{Path.GetFileName(words[0])} ended with {process.ExitCode}: {Tail(await error + await output)}");
    }

    private static ProcessStartInfo StartInfo(IReadOnlyList<string> words, IReadOnlyDictionary<string, string>? environment)
    {
        var info = new ProcessStartInfo(words[0])
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = "/",
        };
        foreach (var word in words.Skip(1))
        {
            info.ArgumentList.Add(word);
        }

        foreach (var (name, value) in environment ?? new Dictionary<string, string>(StringComparer.Ordinal))
        {
            info.Environment[name] = value;
        }

        return info;
    }

    private static string Tail(string text) => text.Length > 2000 ? text[^2000..].Trim() : text.Trim();
}
