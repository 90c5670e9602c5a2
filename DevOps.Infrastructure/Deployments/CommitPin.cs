using DevOps.Core.Logs;
using DevOps.Core.Pipeline;
using DevOps.Core.Pipeline.Ports;
using DevOps.Core.Refusals;
using DevOps.Infrastructure.Projects;

namespace DevOps.Infrastructure.Deployments;

/// <summary>Finds the commit of an order that people have to approve: they say yes to a commit, not to whatever a branch stands on later.</summary>
public sealed class CommitPin(RepositoryAccessReader repositories, ISourceRepository sources, TimeProvider time)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    /// <summary>The order with its commit, when the environment asks for approvals and no release or commit is known yet. Call before the transaction: git takes its time.</summary>
    /// <exception cref="Conflict"><c>commitUnknown</c>: the repository does not say.</exception>
    public async Task<DeploymentOrder> RunAsync(DeploymentOrder order, CancellationToken cancellationToken)
    {
        var known = order.Request.Release is not null || order.Commit is not null;
        if (known || order.Environment.Approvals.Required == 0 || order.Environment.PromoteFrom is not null)
        {
            return order;
        }

        var reference = order.Request.Commit ?? order.Request.Ref ?? order.Project.Repository.Branch;
        using var patience = new CancellationTokenSource(Patience, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, patience.Token);
        try
        {
            var access = await repositories.ReadAsync(order.Project.Repository, either.Token);
            var commit = await sources.ResolveAsync(access, reference, Silence.Instance, either.Token);
            return order with { Commit = commit with { Ref = order.Request.Ref ?? commit.Ref } };
        }
        catch (StepFailure e)
        {
            throw new Conflict("commitUnknown", $"An approval needs a commit to be bound to, and {reference} could not be found: {Sentence.Of(e)}");
        }
        catch (OperationCanceledException) when (patience.IsCancellationRequested)
        {
            throw new Conflict("commitUnknown", $"An approval needs a commit to be bound to, and the repository did not answer within {Patience.TotalSeconds:0} s. Try again, or name a release.");
        }
    }

    // Nobody has a log open yet.
    private sealed class Silence : ILogOutput
    {
        public static Silence Instance { get; } = new();

        public ValueTask WriteAsync(LogStream stream, ReadOnlyMemory<byte> utf8, CancellationToken cancellationToken) => ValueTask.CompletedTask;

        public ValueTask SayAsync(string text, CancellationToken cancellationToken) => ValueTask.CompletedTask;
    }
}
