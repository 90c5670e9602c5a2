using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using System.Threading.Channels;
using DevOps.Core.Access;
using DevOps.Core.Logs;
using DevOps.Core.Pipeline;
using DevOps.Core.Pipeline.Ports;
using DevOps.Core.Refusals;

namespace DevOps.Infrastructure.Applications;

/// <summary>Follows the log of what runs on a server, with the project's own command. Lines are numbered from where the following began and kept nowhere.</summary>
public sealed class FollowRuntimeLog(RunningApplicationReader reader, IRemoteHosts hosts, TimeProvider time)
{
    /// <summary>Most who follow on one server at once in this process: each holds a session of the connection that deployments use too.</summary>
    public const int MostPerServer = 4;

    private const int WaitingBatches = 16;

    // Whoever still looks after that time asks again.
    private static readonly TimeSpan Longest = TimeSpan.FromHours(1);
    private readonly ConcurrentDictionary<long, SemaphoreSlim> _places = new();

    /// <summary>Looks whether the log may be followed, and gives what is read from then on. The command on the server ends with the reading.</summary>
    /// <exception cref="NotFound">Nothing runs there, or the actor may not see it.</exception>
    /// <exception cref="Conflict"><c>notConfigured</c>, <c>unreachable</c>, <c>tooManyFollowers</c>.</exception>
    public async Task<IAsyncEnumerable<IReadOnlyList<LogLine>>> OpenAsync(Actor actor, ApplicationName name, CancellationToken cancellationToken)
    {
        var application = await reader.ReadAsync(actor, name, Permission.ProjectRead, cancellationToken);
        if (string.IsNullOrWhiteSpace(application.Project.Deploy.Control.Log))
        {
            throw new Conflict("notConfigured", $"The project {name.Project} has no command for its log. Set deploy.control.log in its settings.");
        }

        var places = _places.GetOrAdd(application.Row.ServerId, _ => new SemaphoreSlim(MostPerServer, MostPerServer));
        return places.CurrentCount == 0 ? throw TooMany(name) : FollowAsync(application, name, places, CancellationToken.None);
    }

    private static Conflict TooMany(ApplicationName name) =>
        new("tooManyFollowers", $"{MostPerServer} logs are being followed on {name.Server} already. Close one of them first.");

    private async IAsyncEnumerable<IReadOnlyList<LogLine>> FollowAsync(RunningApplication application, ApplicationName name, SemaphoreSlim places, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        if (!places.Wait(0, cancellationToken))
        {
            throw TooMany(name);
        }

        var batches = Channel.CreateBounded<IReadOnlyList<LogLine>>(WaitingBatches);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        using var output = new RuntimeLogOutput(application.Masker, batches.Writer, application.Access.Name, time);
        var running = RunAsync(application, output, batches.Writer, stop.Token);
        try
        {
            await foreach (var lines in batches.Reader.ReadAllAsync(cancellationToken))
            {
                yield return lines;
            }
        }
        finally
        {
            await stop.CancelAsync();
            await running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            places.Release();
        }
    }

    private async Task RunAsync(RunningApplication application, RuntimeLogOutput output, ChannelWriter<IReadOnlyList<LogLine>> batches, CancellationToken cancellationToken)
    {
        try
        {
            var exit = await hosts.Get(application.Access).RunAsync(application.CommandOf(application.Project.Deploy.Control.Log, Longest), output, cancellationToken);
            await output.EndAsync(cancellationToken);
            await output.SayAsync(exit.TimedOut ? "Followed for an hour; ask again to go on." : $"The command ended with exit code {exit.ExitCode}.", cancellationToken);
            batches.TryComplete();
        }
        catch (StepFailure e)
        {
            await output.SayAsync(e.Message, cancellationToken);
            batches.TryComplete();
        }
        catch (Exception e)
        {
            batches.TryComplete(e);
            throw;
        }
    }
}
