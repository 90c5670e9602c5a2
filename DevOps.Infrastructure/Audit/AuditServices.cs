using Microsoft.Extensions.DependencyInjection;

namespace DevOps.Infrastructure.Audit;

/// <summary>Registers the room.</summary>
public static class AuditServices
{
    /// <summary>Adds what the room offers.</summary>
    public static IServiceCollection AddAudit(this IServiceCollection services) => services
        .AddSingleton<AuditTrail>()
        .AddSingleton<AuditQueries>()
        .AddSingleton<RefusedAttempts>();
}
