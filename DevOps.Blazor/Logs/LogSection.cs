using System.Globalization;
using DevOps.Core.Deployments;
using DevOps.Infrastructure.Deployments;
using Microsoft.Extensions.Localization;

namespace DevOps.Blazor.Logs;

/// <summary>The header of a step in the log, on its way to the browser.</summary>
/// <param name="Key">Tells it from the others, whatever line it begins at.</param>
/// <param name="Line">Its first line.</param>
/// <param name="Title">Name of the step.</param>
/// <param name="Server">Name of the server, or null.</param>
/// <param name="Note">How it ended, in words.</param>
/// <param name="Tone">Class of the note.</param>
/// <param name="Began">When it began (ISO 8601), or null.</param>
/// <param name="Ended">When it ended; it ticks until then.</param>
public sealed record LogSection(string Key, long Line, string Title, string? Server, string Note, string Tone, string? Began, string? Ended)
{
    /// <summary>Headers of the steps that have begun, in order of their first lines.</summary>
    public static IReadOnlyList<LogSection> Of(IEnumerable<DeploymentStepView> steps, IStringLocalizer<LogWords> words)
    {
        return [.. steps.Where(s => s.FirstLine is not null).OrderBy(s => s.FirstLine).Select(Section)];

        LogSection Section(DeploymentStepView step) => new(
            $"{step.Name}/{step.Server}",
            step.FirstLine!.Value,
            words["Step-" + step.Name],
            step.Server,
            Note(step),
            step.Status == StepStatus.Failed ? "bad" : "",
            Iso(step.StartedAt),
            Iso(step.FinishedAt));

        string Note(DeploymentStepView step) => step switch
        {
            { Status: StepStatus.Failed or StepStatus.Succeeded, ExitCode: { } code } => words["Exit", code],
            { Status: StepStatus.Failed } => words["Failed"],
            { Status: StepStatus.Cancelled } => words["Cancelled"],
            { Status: StepStatus.Skipped } => words["Skipped"],
            _ => "",
        };
    }

    private static string? Iso(DateTimeOffset? at) => at?.UtcDateTime.ToString("O", CultureInfo.InvariantCulture);
}
