using DevOps.Blazor.Access;
using DevOps.Blazor.Api;
using DevOps.Core.Settings;
using DevOps.Infrastructure.Backups;
using DevOps.Infrastructure.Settings;
using Microsoft.AspNetCore.Http.HttpResults;

namespace DevOps.Blazor.Settings;

/// <summary>What concerns the whole installation, for administrators.</summary>
public static class SettingsEndpoints
{
    private const string SettingsExample = """
        {
          "publicUrl": "https://deploy.example.com", "timeZone": "Asia/Shanghai", "language": "zh-Hans",
          "retention": { "logDays": 180, "releasesPerProject": 20, "releaseDays": 30, "eventDays": 30, "notificationDays": 30, "deliveryDays": 30, "auditDays": 1095 },
          "backup": { "enabled": true, "hour": 3, "keep": 7 }
        }
        """;

    /// <summary>Maps <c>/settings</c> and <c>/backups</c>.</summary>
    public static void MapSettings(this IEndpointRouteBuilder group)
    {
        group.MapGet("/settings", GetAsync).WithTags("Settings").WithName("GetSettings").WithSummary("Public address, time zone, what is kept how long, backups.");
        group.MapPut("/settings", ChangeAsync).WithTags("Settings").WithName("ChangeSettings").WithExample(SettingsExample).WithSummary("Replaces the settings; they count at once.")
            .ProducesProblem(StatusCodes.Status400BadRequest).ProducesProblem(StatusCodes.Status412PreconditionFailed);
        group.MapGet("/backups", ListAsync).WithTags("Settings").WithName("ListBackups").WithSummary("Backups of the database, newest first.");
        group.MapPost("/backups", StartAsync).WithTags("Settings").WithName("StartBackup").WithSummary("Asks for a backup now.")
            .ProducesProblem(StatusCodes.Status409Conflict);
    }

    private static async Task<Ok<PlatformSettings>> GetAsync(Caller caller, SettingsReader settings, HttpResponse response, CancellationToken cancellationToken)
    {
        var stored = await settings.ReadAsync(caller.Actor, cancellationToken);
        response.SendTag(stored.Revision);
        return TypedResults.Ok(stored.Settings);
    }

    private static async Task<Ok<PlatformSettings>> ChangeAsync(
        PlatformSettings body, Caller caller, IfMatch ifMatch, ChangeSettings change, HttpResponse response, CancellationToken cancellationToken)
    {
        var stored = await change.RunAsync(caller.Actor, body, ifMatch.Revision, cancellationToken);
        response.SendTag(stored.Revision);
        return TypedResults.Ok(stored.Settings);
    }

    private static async Task<Ok<BackupsView>> ListAsync(Caller caller, BackupQueries backups, CancellationToken cancellationToken) =>
        TypedResults.Ok(await backups.GetAsync(caller.Actor, cancellationToken));

    private static async Task<Accepted<BackupsView>> StartAsync(Caller caller, StartBackup start, BackupQueries backups, CancellationToken cancellationToken)
    {
        await start.RunAsync(caller.Actor, cancellationToken);
        return TypedResults.Accepted("/api/v1/backups", await backups.GetAsync(caller.Actor, cancellationToken));
    }
}
