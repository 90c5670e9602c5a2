using System.Globalization;
using DevOps.Core.Notifications;
using DevOps.Core.Notifications.Messages;
using DevOps.Core.Refusals;
using DevOps.Infrastructure.Deployments;
using DevOps.Infrastructure.Persistence;
using DevOps.Infrastructure.Settings;
using Microsoft.EntityFrameworkCore;

namespace DevOps.Infrastructure.Notifications;

/// <summary>Reads what a delivery tells.</summary>
public sealed class MessageReader(SettingsReader settings, SayIn sayIn)
{
    /// <summary>The message, or null when its deployment is gone.</summary>
    internal async Task<DeploymentMessage?> ReadAsync(DevOpsDbContext db, NotificationDelivery delivery, CancellationToken cancellationToken)
    {
        if (delivery.DeploymentId is not { } id)
        {
            return null;
        }

        var row = await (
            from d in db.Deployments.AsNoTracking()
            join p in db.Projects on d.ProjectId equals p.Id
            join e in db.Environments on d.EnvironmentId equals e.Id
            where d.Id == id
            select new { Deployment = d, p.Key, e.Name }).SingleOrDefaultAsync(cancellationToken);
        if (row is null)
        {
            return null;
        }

        var deployment = row.Deployment;
        var platform = await settings.ReadAsync(cancellationToken);
        var finished = string.Equals(delivery.Event, Json.Word(deployment.Status), StringComparison.Ordinal) ? deployment.FinishedAt : null;
        return new DeploymentMessage
        {
            Id = IdOf(delivery),
            Event = delivery.Event,
            At = delivery.CreatedAt,
            Deployment = id,
            Project = row.Key,
            Environment = row.Name,
            RequestedBy = deployment.RequestedBy,
            Release = deployment.Release,
            CommitSha = deployment.CommitSha,
            CommitMessage = deployment.CommitMessage,
            Duration = finished - deployment.StartedAt,
            Error = finished is null ? null : StoredError.Of(deployment.ErrorSentence, deployment.Error),
            Say = sentence => sayIn(platform.Language, sentence),
            Link = platform.PublicUrl is { Length: > 0 } url ? string.Create(CultureInfo.InvariantCulture, $"{url}/deployments/{id}") : null,
        };
    }

    /// <summary>A message that only tests the way.</summary>
    internal async Task<DeploymentMessage> TestAsync(NotificationDelivery delivery, string actor, CancellationToken cancellationToken)
    {
        var platform = await settings.ReadAsync(cancellationToken);
        return new()
        {
            Id = IdOf(delivery),
            Event = NotificationDelivery.Test,
            At = delivery.CreatedAt,
            Project = "example",
            Environment = "production",
            RequestedBy = actor,
            Link = platform.PublicUrl is { Length: > 0 } url ? $"{url}/notifications" : null,
            Say = sentence => sayIn(platform.Language, sentence),
        };
    }

    private static string IdOf(NotificationDelivery delivery) => string.Create(CultureInfo.InvariantCulture, $"msg_{delivery.Id}");
}
