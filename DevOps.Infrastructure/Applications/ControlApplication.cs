using System.Globalization;
using DevOps.Core.Access;
using DevOps.Core.Applications;
using DevOps.Core.Events;
using DevOps.Core.Pipeline;
using DevOps.Core.Pipeline.Ports;
using DevOps.Core.Refusals;
using DevOps.Infrastructure.Audit;
using DevOps.Infrastructure.Persistence;
using DevOps.Infrastructure.Queue;
using Microsoft.EntityFrameworkCore;

namespace DevOps.Infrastructure.Applications;

/// <summary>What an action brought.</summary>
/// <param name="Action">What was done.</param>
/// <param name="ExitCode">Exit code of the last command; null when there was no command to run.</param>
/// <param name="TimedOut">Whether it was ended for its time limit.</param>
/// <param name="Output">What the commands printed, secrets hidden; the last thousand lines.</param>
/// <param name="ObservedRelease">The release that the server says is current, when it was asked.</param>
public sealed record ControlResult(ControlAction Action, int? ExitCode, bool TimedOut, string Output, int? ObservedRelease);

/// <summary>Starts, stops, restarts or asks what runs on a server, with the project's own commands. Takes the deploy lock, except to ask.</summary>
public sealed class ControlApplication(
    RunningApplicationReader reader,
    IRemoteHosts hosts,
    HeldKeys keys,
    ObserveApplications observe,
    IDbContextFactory<DevOpsDbContext> contexts,
    AuditTrail audit,
    ChangeFeed feed)
{
    /// <summary>No command gets more time than this, however long those of deployments may take: a person waits for the answer.</summary>
    public static readonly TimeSpan LongestCommand = TimeSpan.FromMinutes(5);

    /// <summary>Does it and waits for the end. A start, stop or restart that has begun goes on to its end even when nobody waits any more.</summary>
    /// <exception cref="NotFound">Nothing runs there, or the actor may not see it.</exception>
    /// <exception cref="Conflict"><c>notConfigured</c>, <c>deploying</c>, <c>unreachable</c>.</exception>
    public async Task<ControlResult> RunAsync(Actor actor, ApplicationName name, ControlAction action, CancellationToken cancellationToken)
    {
        var application = await reader.ReadAsync(actor, name, Permission.DeploymentControl, cancellationToken);
        var commands = ControlCommands.Of(application.Project.Deploy, action);
        if (action == ControlAction.Status)
        {
            return await AskAsync(application, name, commands, cancellationToken);
        }

        if (commands.Count == 0)
        {
            throw new Conflict("notConfigured", $"The project {name.Project} has no command for this. Set {ControlCommands.FieldOf(action)} in its settings.");
        }

        var limit = TimeoutOf(application);
        var key = $"environment:{application.Row.EnvironmentId.ToString(CultureInfo.InvariantCulture)}";
        var held = await keys.TryHoldAsync(ControlLock.Word, key, (limit * commands.Count) + TimeSpan.FromMinutes(1), cancellationToken)
            ?? throw new Conflict("deploying", $"A deployment or another action runs in {name.Environment} at this moment. Wait for its end, then try again.");
        try
        {
            return await TellAsync(actor, application, name, action, commands);
        }
        finally
        {
            await keys.LetGoAsync(held);
        }
    }

    private static TimeSpan TimeoutOf(RunningApplication application) =>
        TimeSpan.FromSeconds(Math.Min(application.Project.Deploy.CommandTimeoutSeconds, LongestCommand.TotalSeconds));

    private async Task<ControlResult> AskAsync(RunningApplication application, ApplicationName name, IReadOnlyList<string> commands, CancellationToken cancellationToken)
    {
        try
        {
            var observed = await observe.LookAsync(application.Row, application.Project.Id, application.Access, cancellationToken);
            var result = commands.Count > 0
                ? await ExecuteAsync(application, ControlAction.Status, commands, cancellationToken)
                : new ControlResult(ControlAction.Status, null, false, "", null);
            return result with { ObservedRelease = observed };
        }
        catch (StepFailure e)
        {
            throw new Conflict("unreachable", $"{name} could not be asked. {e.Said.Map(application.Masker.Apply)}");
        }
    }

    private async Task<ControlResult> TellAsync(Actor actor, RunningApplication application, ApplicationName name, ControlAction action, IReadOnlyList<string> commands)
    {
        var outcome = "was broken off";
        try
        {
            var result = await ExecuteAsync(application, action, commands, CancellationToken.None);
            outcome = result.TimedOut ? "took too long and was stopped" : string.Create(CultureInfo.InvariantCulture, $"ended with exit code {result.ExitCode}");
            return result;
        }
        catch (StepFailure e)
        {
            outcome = $"failed: {e.Said.Map(application.Masker.Apply)}";
            throw new Conflict("unreachable", e.Said.Map(application.Masker.Apply));
        }
        finally
        {
            await using var db = await contexts.CreateDbContextAsync();
            audit.Add(db, actor, $"application.{Json.Word(action)}", $"application/{name}", $"The {Json.Word(action)} of release {application.Row.Release} {outcome}.");
            await db.SaveChangesAsync();
            feed.Publish(new Change(ChangeKind.Application, application.Row.Id, application.Project.Id));
        }
    }

    private async Task<ControlResult> ExecuteAsync(RunningApplication application, ControlAction action, IReadOnlyList<string> commands, CancellationToken cancellationToken)
    {
        var host = hosts.Get(application.Access);
        var lines = new BoundedLines(application.Masker);
        foreach (var command in commands)
        {
            var exit = await host.RunAsync(application.CommandOf(command, TimeoutOf(application)), lines, cancellationToken);
            if (exit.ExitCode != 0 || exit.TimedOut)
            {
                return new ControlResult(action, exit.ExitCode, exit.TimedOut, lines.Text(), null);
            }
        }

        return new ControlResult(action, 0, false, lines.Text(), null);
    }
}
