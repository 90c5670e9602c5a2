using DevOps.Core.Environments;
using DevOps.Infrastructure.Persistence;
using Microsoft.EntityFrameworkCore;

namespace DevOps.Infrastructure.Deployments;

/// <summary>A release that became current on a server.</summary>
/// <param name="ServerId">The server.</param>
/// <param name="Path">The project's folder on it.</param>
/// <param name="Release">Number of the release.</param>
/// <param name="Previous">Number of the one before; null to keep what is known.</param>
/// <param name="Healthy">Whether its health was found good; null when not asked yet.</param>
internal sealed record Current(long ServerId, string Path, int Release, int? Previous, bool? Healthy);

/// <summary>Writes down what runs where.</summary>
internal static class WhatRuns
{
    /// <summary>Makes or changes the row of the project on the server.</summary>
    public static async Task WriteAsync(DevOpsDbContext db, JournalScope scope, Current current, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var application = await db.Applications.SingleOrDefaultAsync(a => a.EnvironmentId == scope.EnvironmentId && a.ServerId == current.ServerId, cancellationToken);
        if (application is null)
        {
            application = new Application { EnvironmentId = scope.EnvironmentId, ServerId = current.ServerId, Path = current.Path };
            db.Applications.Add(application);
        }

        (application.Path, application.Release, application.PreviousRelease) = (current.Path, current.Release, current.Previous ?? application.PreviousRelease);
        (application.DeploymentId, application.ActivatedAt, application.Healthy) = (scope.DeploymentId, now, current.Healthy);
        await db.SaveChangesAsync(cancellationToken);
    }
}
