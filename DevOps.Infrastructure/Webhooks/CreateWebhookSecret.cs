using System.Security.Cryptography;
using DevOps.Core.Access;
using DevOps.Core.Events;
using DevOps.Core.Refusals;
using DevOps.Core.Secrets;
using DevOps.Infrastructure.Audit;
using DevOps.Infrastructure.Persistence;
using DevOps.Infrastructure.Projects;
using DevOps.Infrastructure.Secrets;
using Microsoft.EntityFrameworkCore;

namespace DevOps.Infrastructure.Webhooks;

/// <summary>Makes a new secret for a project's webhooks. The one before is accepted for another hour, so that the senders can be changed one after the other.</summary>
public sealed class CreateWebhookSecret(IDbContextFactory<DevOpsDbContext> contexts, SecretVault vault, AuditTrail audit, ChangeFeed feed, TimeProvider time)
{
    /// <summary>How long the secret before is accepted.</summary>
    public static readonly TimeSpan Rotation = TimeSpan.FromHours(1);

    private const int Bytes = 32;

    /// <summary>Makes it.</summary>
    /// <returns>The secret; it is not shown again. Its form is that of Standard Webhooks, which every sender takes as a text too.</returns>
    /// <exception cref="NotFound">No such project.</exception>
    public async Task<NewWebhookSecret> RunAsync(Actor actor, string projectKey, CancellationToken cancellationToken)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        var project = await db.LockProjectAsync(actor, projectKey, Permission.ProjectEdit, cancellationToken);
        var value = new Sensitive("whsec_" + Convert.ToBase64String(RandomNumberGenerator.GetBytes(Bytes)));
        var sealedValue = vault.Seal(WebhookSecret.Purpose(project.Id), value);
        var row = await db.WebhookSecrets.SingleOrDefaultAsync(s => s.ProjectId == project.Id, cancellationToken);
        DateTimeOffset? until = row is null ? null : time.GetUtcNow() + Rotation;
        if (row is null)
        {
            db.WebhookSecrets.Add(new WebhookSecret { ProjectId = project.Id, Current = sealedValue });
        }
        else
        {
            (row.Previous, row.PreviousUntil, row.Current) = (row.Current, until, sealedValue);
        }

        audit.Add(db, actor, "webhook.secret", $"project/{project.Key}", $"Made {(until is null ? "the" : "a new")} webhook secret of {project.Key}.");
        await db.SaveAsync($"The webhook secret of {project.Key}", cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        feed.Publish(new Change(ChangeKind.Project, project.Id, project.Id));
        return new NewWebhookSecret(value, until);
    }
}

/// <summary>A secret that was made.</summary>
/// <param name="Value">The secret.</param>
/// <param name="PreviousUntil">Until when the one before is accepted (UTC); null when there was none.</param>
public sealed record NewWebhookSecret(Sensitive Value, DateTimeOffset? PreviousUntil);
