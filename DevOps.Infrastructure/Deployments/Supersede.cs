using System.Text.Json;
using DevOps.Core.Access;
using DevOps.Core.Deployments;
using DevOps.Core.Environments;
using DevOps.Infrastructure.Audit;
using DevOps.Infrastructure.Persistence;

namespace DevOps.Infrastructure.Deployments;

/// <summary>A newer deployment takes the place of those that still wait. One that waits for approval takes only the place of others that do: it may never run.</summary>
internal static class Supersede
{
    private static readonly string AllThatWait = Sql("'queued', 'pendingApproval'");
    private static readonly string ThoseToApprove = Sql("'pendingApproval'");

    /// <summary>Ends what the newer one, whose row is written by then, covers. A request for one server does not swallow one for another; what a worker has taken runs.</summary>
    /// <returns>Numbers of those that ended, once the batch was sent.</returns>
    public static IReadOnlyCollection<long> Add(WriteBatch batch, AuditTrail audit, Actor actor, Deployment newer, DeploymentEnvironment environment, DateTimeOffset now)
    {
        var ended = new List<long>();
        if (!environment.Supersede)
        {
            return ended;
        }

        var (text, sentence) = StoredError.Split($"Deployment #{newer.Id} took its place.");
        var line = audit.Line(actor, "deployment.supersede", "", $"{environment.Name}: #{newer.Id} took its place");
        object?[] values =
        [
            environment.Id, newer.Id, newer.Servers.Select(s => s.Name).ToArray(), text, JsonSerializer.Serialize(sentence, Json.Options), now,
            line.At, line.Actor, line.Action, line.Summary, line.Ip,
        ];
        batch.Add(newer.Status == DeploymentStatus.Queued ? AllThatWait : ThoseToApprove, values, row => ended.Add(row.GetInt64(0)));
        return ended;
    }

    // The newest first: whoever approves one has locked it and comes to the older ones then, in the same order. A job that somebody just takes is left
    // to its holder, who finds a final state and is done: waiting for it would be waiting in the order opposite to its holder's.
    // The states stand in the text, so that one plan serves all and its index is found; and rows are looked up by lists of their numbers, so that it is
    // the index of the numbers whatever the statistics said when it was planned.
    private static string Sql(string states) => $"""
        WITH waiting AS (
            SELECT d.id, d.job_id FROM deployments d
            WHERE d.environment_id = $1 AND d.id < $2 AND d.status IN ({states})
                AND NOT EXISTS (SELECT FROM deployment_servers s WHERE s.deployment_id = d.id AND s.name <> ALL ($3))
                AND (SELECT j.state FROM jobs j WHERE j.id = d.job_id) IS DISTINCT FROM 'running'
            ORDER BY d.id DESC FOR UPDATE OF d),
        ended AS (
            UPDATE deployments SET status = 'superseded', error = $4, error_sentence = $5::jsonb, finished_at = $6, log_complete = true
            WHERE id = ANY (ARRAY(SELECT id FROM waiting)) RETURNING id),
        servers AS (UPDATE deployment_servers SET status = 'skipped' WHERE deployment_id = ANY (ARRAY(SELECT id FROM waiting)) AND status = 'pending'),
        steps AS (UPDATE deployment_steps SET status = 'skipped' WHERE deployment_id = ANY (ARRAY(SELECT id FROM waiting)) AND status = 'pending'),
        jobs_ended AS (
            UPDATE jobs SET state = 'cancelled', finished_at = now() WHERE id = ANY (ARRAY(
                SELECT id FROM jobs WHERE id = ANY (ARRAY(SELECT job_id FROM waiting)) AND state = 'available' AND attempt = 0 FOR UPDATE SKIP LOCKED))),
        told AS (
            INSERT INTO audit_entries (at, actor, action, subject, summary, ip)
            SELECT $7, $8, $9, 'deployment/' || id, $10, $11 FROM waiting ORDER BY id)
        SELECT id FROM ended ORDER BY id
        """;
}
