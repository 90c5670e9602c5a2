namespace DevOps.Core.Releases;

/// <summary>An immutable, numbered, hashed artifact built from one commit with one build spec.</summary>
public sealed class Release
{
    /// <summary>Row id.</summary>
    public long Id { get; set; }

    /// <summary>The project.</summary>
    public long ProjectId { get; set; }

    /// <summary>Number within the project, from 1.</summary>
    public int Number { get; set; }

    /// <summary>Full hash of the commit.</summary>
    public required string CommitSha { get; set; }

    /// <summary>First line of the commit message.</summary>
    public string CommitMessage { get; set; } = "";

    /// <summary>Author of the commit.</summary>
    public string CommitAuthor { get; set; } = "";

    /// <summary>When the commit was made (UTC); null for releases that were built before this was noted.</summary>
    public DateTimeOffset? CommitAt { get; set; }

    /// <summary>Branch or tag it was built from.</summary>
    public string CommitRef { get; set; } = "";

    /// <summary>See <see cref="Projects.BuildSpec.Fingerprint"/>.</summary>
    public required string BuildFingerprint { get; set; }

    /// <summary>See <see cref="Projects.DeployFile.DeployPart"/>: what the commit's <c>deploy.yml</c> says of deploying, so that going back needs no repository. Null when it had none or it was not asked.</summary>
    public string? DeployPart { get; set; }

    /// <summary>SHA-256 (hex) over the manifest: one hash for the whole content.</summary>
    public required string Sha256 { get; set; }

    /// <summary>Sum of the file sizes, in bytes.</summary>
    public long SizeBytes { get; set; }

    /// <summary>Number of files.</summary>
    public int Files { get; set; }

    /// <summary>When it was built (UTC).</summary>
    public DateTimeOffset BuiltAt { get; set; }
}
