using DevOps.Core.Credentials;
using DevOps.Core.Logs;
using DevOps.Core.Secrets;

namespace DevOps.Core.Pipeline.Ports;

/// <summary>Reads git repositories through a kept bare mirror each. Safe for several callers at once; those of one repository take turns.</summary>
public interface ISourceRepository
{
    /// <summary>Reads branches and the commits they stand on, straight from the repository.</summary>
    /// <exception cref="StepFailure">The repository cannot be reached or opened; the message says why and what to do.</exception>
    Task<IReadOnlyList<SourceBranch>> ListBranchesAsync(RepositoryAccess repository, CancellationToken cancellationToken);

    /// <summary>Brings the mirror up to date (only what is new) and finds a commit.</summary>
    /// <param name="repository">Where the source is.</param>
    /// <param name="reference">Branch, tag, or full or short (7 and more) commit hash.</param>
    /// <param name="output">Where progress goes.</param>
    /// <param name="cancellationToken">Ends git.</param>
    /// <exception cref="StepFailure">No such reference, or the repository cannot be reached.</exception>
    Task<SourceCommit> ResolveAsync(RepositoryAccess repository, string reference, ILogOutput output, CancellationToken cancellationToken);

    /// <summary>Reads one file of a commit as text.</summary>
    /// <param name="repository">Where the source is.</param>
    /// <param name="sha">Full hash of a commit that was resolved.</param>
    /// <param name="path">The file's path from the root.</param>
    /// <param name="maxBytes">Largest size that is accepted.</param>
    /// <param name="cancellationToken">Ends git.</param>
    /// <returns>The text, or null when the commit has no such file.</returns>
    /// <exception cref="StepFailure">It is a link, a folder, too large, or no UTF-8; or the commit is not in the mirror.</exception>
    Task<string?> ReadFileAsync(RepositoryAccess repository, string sha, string path, int maxBytes, CancellationToken cancellationToken);

    /// <summary>Puts the files of a commit into a folder of its own, without a <c>.git</c>. What stood in the folder is removed first.</summary>
    /// <exception cref="StepFailure">The commit is not in the mirror, or a submodule cannot be had.</exception>
    Task CheckoutAsync(RepositoryAccess repository, string sha, string folder, ILogOutput output, CancellationToken cancellationToken);
}

/// <summary>Where a repository is and how to open it.</summary>
public sealed record RepositoryAccess
{
    /// <summary>Address, in one of the accepted forms.</summary>
    public required string Url { get; init; }

    /// <summary>What <see cref="Secret"/> is; null for a public repository.</summary>
    public CredentialKind? Kind { get; init; }

    /// <summary>Private key, password or token.</summary>
    public Sensitive Secret { get; init; }

    /// <summary>Whether submodules are part of a checkout.</summary>
    public bool Submodules { get; init; }
}

/// <summary>A branch and the commit it stands on.</summary>
public sealed record SourceBranch(string Name, string Sha);

/// <summary>A commit that was found.</summary>
/// <param name="Sha">Full hash.</param>
/// <param name="Message">First line of the message, 500 characters at most.</param>
/// <param name="Author">Name of the author, 200 characters at most.</param>
/// <param name="Ref">What was asked for: branch, tag or hash.</param>
/// <param name="At">When it was committed (UTC).</param>
public sealed record SourceCommit(string Sha, string Message, string Author, string Ref, DateTimeOffset At);
