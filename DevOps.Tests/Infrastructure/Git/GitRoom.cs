using DevOps.Core.Pipeline.Ports;
using DevOps.Infrastructure;
using DevOps.Infrastructure.Git;
using DevOps.Tests.Fakes;
using DevOps.Tests.Fixtures;
using Microsoft.Extensions.Logging.Abstractions;

namespace DevOps.Tests.Infrastructure.Git;

/// <summary>The room under test with a data folder of its own and a repository to read.</summary>
public sealed class GitRoom : IDisposable
{
    public GitRoom(bool allowFiles = true, GitOptions? limits = null)
    {
        Platform = new PlatformOptions { DataFolder = Directory.CreateTempSubdirectory("git-data-").FullName, AllowFileRepositories = allowFiles };
        Limits = limits ?? new GitOptions();
        Source = new GitSourceRepository(Platform, Limits, TimeProvider.System, NullLogger<GitSourceRepository>.Instance);
    }

    public PlatformOptions Platform { get; }

    public GitOptions Limits { get; }

    public GitSourceRepository Source { get; }

    public GitFixture Repository { get; } = new();

    public RecordedOutput Output { get; } = new();

    /// <summary>Where checkouts go.</summary>
    public string Workspace => Path.Combine(Platform.DataFolder, "workspace");

    /// <summary>The one mirror there is.</summary>
    public string Mirror => Directory.EnumerateDirectories(Path.Combine(Platform.DataFolder, "mirrors")).Single();

    public RepositoryAccess Access => new() { Url = Repository.Url };

    public Task<SourceCommit> ResolveAsync(string reference) => Source.ResolveAsync(Access, reference, Output, CancellationToken.None);

    public Task CheckoutAsync(string sha, bool submodules = false) =>
        Source.CheckoutAsync(Access with { Submodules = submodules }, sha, Workspace, Output, CancellationToken.None);

    public string Read(string path) => File.ReadAllText(Path.Combine(Workspace, path));

    /// <summary>Files that sessions left behind.</summary>
    public IEnumerable<string> LeftBehind => Directory.EnumerateFileSystemEntries(Path.Combine(Platform.DataFolder, "git", "sessions"));

    public void Dispose()
    {
        Repository.Dispose();
        Directory.Delete(Platform.DataFolder, recursive: true);
    }
}
