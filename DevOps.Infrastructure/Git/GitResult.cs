namespace DevOps.Infrastructure.Git;

/// <summary>How a git command ended.</summary>
/// <param name="ExitCode">Exit code.</param>
/// <param name="Output">Standard output.</param>
/// <param name="Errors">Last lines of standard error, without progress.</param>
internal sealed record GitResult(int ExitCode, string Output, IReadOnlyList<string> Errors)
{
    public bool Succeeded => ExitCode == 0;
}
