namespace DevOps.Blazor.Logs;

/// <summary>Registers what the doors of the log need.</summary>
public static class LogPages
{
    /// <summary>Adds the event stream of a log.</summary>
    public static IServiceCollection AddLogPages(this IServiceCollection services) => services.AddSingleton<LogEventStream>();
}
