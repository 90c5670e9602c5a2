using System.Globalization;
using DevOps.Infrastructure;
using Serilog;
using Serilog.Core;
using Serilog.Events;

namespace DevOps.Blazor.Hosting;

/// <summary>The platform's own log: console and a file a day in the data folder, each line with the deployment it belongs to (the property
/// <c>DeploymentId</c> of a logging scope). Levels come from the section <c>Serilog</c> of the configuration.</summary>
public static class LoggingSetup
{
    private const string Line = "{Timestamp:yyyy-MM-dd HH:mm:ss.fff zzz} [{Level:u3}] {Deployment}{SourceContext}: {Message:lj}{NewLine}{Exception}";
    private const int DefaultFiles = 14;
    private const long DefaultFileBytes = 100L * 1024 * 1024;

    /// <summary>Sends the log to Serilog. Limits of the files: <c>DevOps:LogFiles:Keep</c> and <c>DevOps:LogFiles:MaxBytes</c>.</summary>
    public static void AddDevOpsLogging(this WebApplicationBuilder builder, PlatformOptions options)
    {
        var files = builder.Configuration.GetSection("DevOps:LogFiles");
        var logger = new LoggerConfiguration()
            .MinimumLevel.Information()
            .MinimumLevel.Override("Microsoft", LogEventLevel.Warning)
            .MinimumLevel.Override("Microsoft.Hosting.Lifetime", LogEventLevel.Information)
            .MinimumLevel.Override("System.Net.Http", LogEventLevel.Warning)
            .MinimumLevel.Override("Quartz", LogEventLevel.Warning)
            .ReadFrom.Configuration(builder.Configuration)
            .Enrich.FromLogContext()
            .Enrich.With<DeploymentMark>()
            .Enrich.With<OneLine>()
            .WriteTo.Console(outputTemplate: Line, formatProvider: CultureInfo.InvariantCulture)
            .WriteTo.Async(sinks => sinks.File(
                Path.Combine(options.Folder("logs"), "devops-.log"),
                outputTemplate: Line,
                formatProvider: CultureInfo.InvariantCulture,
                rollingInterval: RollingInterval.Day,
                rollOnFileSizeLimit: true,
                fileSizeLimitBytes: files.GetValue("MaxBytes", DefaultFileBytes),
                retainedFileCountLimit: files.GetValue("Keep", DefaultFiles)))
            .CreateLogger();
        builder.Logging.ClearProviders();
        builder.Logging.AddSerilog(logger, dispose: true);
    }

    /// <summary>Keeps what others typed in the line it belongs to: a line break in a branch's name must not look like a line of ours.</summary>
    private sealed class OneLine : ILogEventEnricher
    {
        public void Enrich(LogEvent logEvent, ILogEventPropertyFactory propertyFactory)
        {
            foreach (var (name, value) in logEvent.Properties.ToList())
            {
                if (value is ScalarValue { Value: string text } && text.Any(char.IsControl))
                {
                    var escaped = string.Concat(text.Select(c => char.IsControl(c) ? string.Create(CultureInfo.InvariantCulture, $"\\u{(int)c:x4}") : c.ToString()));
                    logEvent.AddOrUpdateProperty(new LogEventProperty(name, new ScalarValue(escaped)));
                }
            }
        }
    }

    /// <summary>Puts <c>#12 </c> before what is said within a deployment.</summary>
    private sealed class DeploymentMark : ILogEventEnricher
    {
        public void Enrich(LogEvent logEvent, ILogEventPropertyFactory propertyFactory)
        {
            if (logEvent.Properties.TryGetValue("DeploymentId", out var property) && property is ScalarValue { Value: { } id })
            {
                logEvent.AddPropertyIfAbsent(new LogEventProperty("Deployment", new ScalarValue(string.Create(CultureInfo.InvariantCulture, $"#{id} "))));
            }
        }
    }
}
