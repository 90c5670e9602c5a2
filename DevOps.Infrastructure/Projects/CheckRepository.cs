using DevOps.Core.Access;
using DevOps.Core.Pipeline;
using DevOps.Core.Pipeline.Ports;
using DevOps.Core.Projects;
using DevOps.Core.Refusals;
using DevOps.Infrastructure.Persistence;
using Microsoft.EntityFrameworkCore;

namespace DevOps.Infrastructure.Projects;

/// <summary>Asks a repository for its branches, to see whether address and credential are right.</summary>
public sealed class CheckRepository(
    IDbContextFactory<DevOpsDbContext> contexts,
    RepositoryAccessReader reader,
    ISourceRepository source,
    PlatformOptions options)
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    /// <summary>Asks the repository of a project.</summary>
    /// <exception cref="Conflict">It cannot be read (<c>repository</c>); the message says why.</exception>
    public async Task<IReadOnlyList<SourceBranch>> RunAsync(Actor actor, string key, CancellationToken cancellationToken)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        var project = await db.FindProjectAsync(actor, key, Permission.Deploy, cancellationToken);
        return await AskAsync(project.Repository, cancellationToken);
    }

    /// <summary>Asks a repository that belongs to no project yet.</summary>
    /// <exception cref="InvalidInput">The address cannot be accepted, or there is no such credential.</exception>
    /// <exception cref="Conflict">It cannot be read (<c>repository</c>); the message says why.</exception>
    public async Task<IReadOnlyList<SourceBranch>> RunAsync(Actor actor, RepositorySpec repository, CancellationToken cancellationToken)
    {
        actor.Demand(Permission.ProjectEdit);
        var wanted = new ProjectDraft { Repository = repository }.Tidy().Repository;
        RepositoryUrl.Parse(wanted.Url, options.AllowFileRepositories);
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        await ProjectCredential.DemandAsync(db, actor, wanted, present: null, cancellationToken);
        return await AskAsync(wanted, cancellationToken);
    }

    private async Task<IReadOnlyList<SourceBranch>> AskAsync(RepositorySpec repository, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(Limit);
        try
        {
            return await source.ListBranchesAsync(await reader.ReadAsync(repository, limit.Token), limit.Token);
        }
        catch (StepFailure e)
        {
            throw new Conflict("repository", e.Said);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new Conflict("repository", $"The repository did not answer within {Limit.TotalSeconds:0} seconds.");
        }
    }
}
