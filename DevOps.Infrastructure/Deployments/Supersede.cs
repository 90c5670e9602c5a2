using System.Text.Json;
using DevOps.Core.Access;
using DevOps.Core.Deployments;
using DevOps.Core.Environments;
using DevOps.Infrastructure.Audit;
using DevOps.Infrastructure.Metrics;
using DevOps.Infrastructure.Persistence;

namespace DevOps.Infrastructure.Deployments;

/// <summary>A newer deployment takes the place of those that still wait. One that waits for approval takes only the place of others that do: it may never run.</summary>
internal static class Supersede
{
    private static readonly string AllThatWait = Sql("'queued', 'pendingApproval'");
    private static readonly string ThoseToApprove = Sql("'pendingApproval'");

    /// <summary>Ends what the newer one, whose row is written, covers. A request for one server does not swallow one for another; what a worker has taken runs.</summary>
    /// <returns>Numbers of those that ended.</returns>
    public static async Task<IReadOnlyList<long>> RunAsync(DevOpsDbContext db, AuditTrail audit, Actor actor, Deployment newer, DeploymentEnvironment environment, DateTimeOffset now, CancellationToken cancellationToken)
    {
        if (!environment.Supersede)
        {
            return [];
        }

        var (text, sentence) = StoredError.Split($"Deployment #{newer.Id} took its place.");
        var line = audit.Line(actor, "deployment.supersede", "", $"{environment.Name}: #{newer.Id} took its place");
        object?[] values =
        [
            environment.Id, newer.Id, newer.Servers.Select(s => s.Name).ToArray(), text, JsonSerializer.Serialize(sentence, Json.Options), now,
            line.At, line.Actor, line.Action, line.Summary, line.Ip,
        ];
        var superseded = await HandWrittenSql.OnContextAsync(db, newer.Status == DeploymentStatus.Queued ? AllThatWait : ThoseToApprove, values, async command =>
        {
            var ended = new List<long>();
            await using var rows = await command.ExecuteReaderAsync(cancellationToken);
            while (await rows.ReadAsync(cancellationToken))
            {
                ended.Add(rows.GetInt64(0));
            }

            return ended;
        });
        PlatformMeter.DeploymentsEnded.Add(superseded.Count, new KeyValuePair<string, object?>("status", Json.Word(DeploymentStatus.Superseded)));
        return superseded;
    }

    // The newest first: whoever approves one has locked it and comes to the older ones then, in the same order. A job that somebody just takes is left
    // to its holder, who finds a final state and is done: waiting for it would be waiting in the order opposite to its holder's.
    // The states stand in the text, so that one plan serves all and its index is found.
    private static string Sql(string states) => $"""
        WITH waiting AS (
            SELECT d.id, d.job_id FROM deployments d
            WHERE d.environment_id = $1 AND d.id < $2 AND d.status IN ({states})
                AND NOT EXISTS (SELECT FROM deployment_servers s WHERE s.deployment_id = d.id AND s.name <> ALL ($3))
                AND NOT EXISTS (SELECT FROM jobs j WHERE j.id = d.job_id AND j.state = 'running')
            ORDER BY d.id DESC FOR UPDATE OF d),
        ended AS (
            UPDATE deployments d SET status = 'superseded', error = $4, error_sentence = $5::jsonb, finished_at = $6, log_complete = true
            FROM waiting WHERE d.id = waiting.id RETURNING d.id),
        servers AS (UPDATE deployment_servers s SET status = 'skipped' FROM ended WHERE s.deployment_id = ended.id AND s.status = 'pending'),
        steps AS (UPDATE deployment_steps s SET status = 'skipped' FROM ended WHERE s.deployment_id = ended.id AND s.status = 'pending'),
        idle AS (
            SELECT j.id FROM jobs j JOIN waiting ON j.id = waiting.job_id WHERE j.state = 'available' AND j.attempt = 0 FOR UPDATE OF j SKIP LOCKED),
        jobs_ended AS (UPDATE jobs j SET state = 'cancelled', finished_at = now() FROM idle WHERE j.id = idle.id),
        told AS (INSERT INTO audit_entries (at, actor, action, subject, summary, ip) SELECT $7, $8, $9, 'deployment/' || id, $10, $11 FROM ended ORDER BY id)
        SELECT id FROM ended ORDER BY id
        """;
}
