using DevOps.Core.Secrets;

namespace DevOps.Core.Pipeline.Commands;

/// <summary>A command for a server, as data. The script and the variables travel on standard input: nothing of them stands in an argument list.</summary>
public sealed record RemoteCommand
{
    /// <summary>Script for <c>/bin/sh -e</c>. Written by the platform with <see cref="ShellQuote"/>, or by the user as a command of the project.</summary>
    public required string Script { get; init; }

    /// <summary>Environment of the script, secrets among it.</summary>
    public IReadOnlyDictionary<string, Sensitive> Variables { get; init; } = new Dictionary<string, Sensitive>();

    /// <summary>Absolute folder to run in; null for the home folder.</summary>
    public string? Folder { get; init; }

    /// <summary>Time limit.</summary>
    public required TimeSpan Timeout { get; init; }
}
