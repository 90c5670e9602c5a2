using System.Globalization;
using System.Text.Json;
using DevOps.Core.Events;
using DevOps.Core.Refusals;
using DevOps.Core.Webhooks;
using DevOps.Infrastructure.Persistence;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace DevOps.Infrastructure.Webhooks;

/// <summary>Counts deliveries that are not authentic and writes the counts once a second, one row for each project and minute: no flood fills the table,
/// and who sends one cannot tell from the time it takes whether there is such a project.</summary>
public sealed class RejectedDeliveries(NpgsqlDataSource database, ChangeFeed feed, TimeProvider time, ILogger<RejectedDeliveries> logger) : BackgroundService
{
    private const string Write = """
        INSERT INTO deliveries (project_id, provider, event, outcome, verdict, deployments, received_at, address, times, headers, body_bytes)
        SELECT id, $2, '', 'rejected', $3::jsonb, '{}', $4, $5, $6, '{}', 0 FROM projects WHERE id = $1
        ON CONFLICT (project_id, received_at) WHERE outcome = 'rejected'
        DO UPDATE SET times = deliveries.times + excluded.times, provider = excluded.provider, verdict = excluded.verdict, address = excluded.address
        RETURNING id
        """;

    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    private readonly Lock _gate = new();
    private readonly SemaphoreSlim _some = new(0, 1);
    private Dictionary<(long Project, DateTimeOffset Minute), (Rejection Last, int Times)> _counts = [];

    /// <summary>Notes one. Returns at once.</summary>
    public void Count(Rejection rejection)
    {
        var now = time.GetUtcNow();
        var key = (rejection.ProjectId, new DateTimeOffset(now.Ticks - (now.Ticks % TimeSpan.TicksPerMinute), TimeSpan.Zero));
        lock (_gate)
        {
            _counts[key] = (rejection, _counts.GetValueOrDefault(key).Times + 1);
            if (_some.CurrentCount == 0)
            {
                _some.Release();
            }
        }
    }

    public override void Dispose()
    {
        _some.Dispose();
        base.Dispose();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            await _some.WaitAsync(stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            await WriteAsync();
            await Task.Delay(Pause, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task WriteAsync()
    {
        Dictionary<(long Project, DateTimeOffset Minute), (Rejection Last, int Times)> counts;
        lock (_gate)
        {
            (counts, _counts) = (_counts, []);
        }

        foreach (var ((project, minute), (last, times)) in counts)
        {
            try
            {
                await using var command = database.CreateCommand(Write);
                command.CommandTimeout = 5;
                command.Parameters.AddWithValue(project);
                command.Parameters.AddWithValue(Json.Word(last.Provider));
                command.Parameters.AddWithValue(JsonSerializer.Serialize(Verdict(last.Signature), Json.Options));
                command.Parameters.AddWithValue(minute);
                command.Parameters.AddWithValue(last.Address);
                command.Parameters.AddWithValue(times);
                if (await command.ExecuteScalarAsync() is long id)
                {
                    feed.Publish(new Change(ChangeKind.Delivery, id, project));
                }
            }
            catch (Exception error)
            {
                logger.LogWarning("{Count} rejected deliveries to project {Project} were not noted ({Reason})", times.ToString(CultureInfo.InvariantCulture), project, error.Message);
            }
        }
    }

    private static Sentence Verdict(SignatureAnswer? answer) => answer switch
    {
        null => Sentence.Of("rejected: the project has no webhook secret yet"),
        SignatureAnswer.Missing => Sentence.Of("rejected: the signature or token is missing; enter the project's secret at the sender"),
        SignatureAnswer.Stale => Sentence.Of("rejected: it was signed too long ago, or by a clock that is far off"),
        _ => Sentence.Of("rejected: the signature or token does not fit the project's secret"),
    };
}

/// <summary>A delivery that is not authentic.</summary>
/// <param name="ProjectId">The project it was for.</param>
/// <param name="Provider">Who it claimed to be from.</param>
/// <param name="Address">Where it came from.</param>
/// <param name="Signature">What was wrong with it; null when the project has no secret.</param>
public sealed record Rejection(long ProjectId, WebhookProvider Provider, string Address, SignatureAnswer? Signature);
