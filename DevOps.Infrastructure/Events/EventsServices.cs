using Microsoft.Extensions.DependencyInjection;

namespace DevOps.Infrastructure.Events;

/// <summary>Registers the room.</summary>
public static class EventsServices
{
    /// <summary>Adds the reader of the history.</summary>
    public static IServiceCollection AddEvents(this IServiceCollection services) => services.AddSingleton<EventReader>();
}
