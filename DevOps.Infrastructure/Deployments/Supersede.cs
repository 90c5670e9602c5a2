using System.Text.Json;
using DevOps.Core.Access;
using DevOps.Core.Deployments;
using DevOps.Core.Environments;
using DevOps.Infrastructure.Audit;
using DevOps.Infrastructure.Metrics;
using DevOps.Infrastructure.Persistence;
using Microsoft.EntityFrameworkCore;

namespace DevOps.Infrastructure.Deployments;

/// <summary>A newer deployment takes the place of those that still wait. One that waits for approval takes only the place of others that do: it may never run.</summary>
internal static class Supersede
{
    /// <summary>Ends what the newer one covers. A request for one server does not swallow one for another.</summary>
    /// <returns>Numbers of those that ended.</returns>
    public static async Task<IReadOnlyList<long>> RunAsync(DevOpsDbContext db, AuditTrail audit, Actor actor, Deployment newer, DeploymentEnvironment environment, DateTimeOffset now, CancellationToken cancellationToken)
    {
        if (!environment.Supersede)
        {
            return [];
        }

        var (text, sentence) = StoredError.Split($"Deployment #{newer.Id} took its place.");
        var withQueued = newer.Status == DeploymentStatus.Queued;
        var covered = newer.Servers.Select(s => s.Name).ToArray();
        var said = JsonSerializer.Serialize(sentence, Json.Options);

        // The newest first: whoever approves one has locked it and comes to the older ones then, in the same order. A job that somebody just takes is left
        // to its holder, who finds a final state and is done: waiting for it would be waiting in the order opposite to its holder's.
        var superseded = await db.Database.SqlQuery<long>(
            $"""
            WITH waiting AS (
                SELECT d.id, d.job_id FROM deployments d
                WHERE d.environment_id = {environment.Id} AND d.id < {newer.Id} AND (d.status = 'pendingApproval' OR ({withQueued} AND d.status = 'queued'))
                    AND NOT EXISTS (SELECT FROM deployment_servers s WHERE s.deployment_id = d.id AND s.name <> ALL ({covered}))
                ORDER BY d.id DESC FOR UPDATE OF d),
            ended AS (
                UPDATE deployments d SET status = 'superseded', error = {text}, error_sentence = {said}::jsonb, finished_at = {now}, log_complete = true
                FROM waiting WHERE d.id = waiting.id RETURNING d.id),
            servers AS (UPDATE deployment_servers s SET status = 'skipped' FROM ended WHERE s.deployment_id = ended.id AND s.status = 'pending'),
            steps AS (UPDATE deployment_steps s SET status = 'skipped' FROM ended WHERE s.deployment_id = ended.id AND s.status = 'pending'),
            idle AS (
                SELECT j.id FROM jobs j JOIN waiting ON j.id = waiting.job_id WHERE j.state = 'available' AND j.attempt = 0 FOR UPDATE OF j SKIP LOCKED),
            jobs_ended AS (UPDATE jobs j SET state = 'cancelled', finished_at = now() FROM idle WHERE j.id = idle.id)
            SELECT id AS "Value" FROM ended ORDER BY id
            """).ToListAsync(cancellationToken);
        foreach (var older in superseded)
        {
            audit.Add(db, actor, "deployment.supersede", AddDeployment.Subject(older), $"{environment.Name}: #{newer.Id} took its place");
        }

        PlatformMeter.DeploymentsEnded.Add(superseded.Count, new KeyValuePair<string, object?>("status", Json.Word(DeploymentStatus.Superseded)));
        return superseded;
    }
}
