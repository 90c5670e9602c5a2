namespace DevOps.Infrastructure.Git;

/// <summary>Limits of the work with git. Section <c>DevOps:Git</c>.</summary>
public sealed class GitOptions
{
    /// <summary>Time limit of one fetch.</summary>
    public TimeSpan FetchTimeout { get; set; } = TimeSpan.FromMinutes(10);

    /// <summary>Time limit of asking a repository for its branches.</summary>
    public TimeSpan ListTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>Time limit of a command that stays on this machine, such as writing a large checkout.</summary>
    public TimeSpan LocalTimeout { get; set; } = TimeSpan.FromMinutes(10);

    /// <summary>Root certificates beside those of the system, a file in PEM form; for git hosts inside a company.</summary>
    public string CaFile { get; set; } = "";
}
