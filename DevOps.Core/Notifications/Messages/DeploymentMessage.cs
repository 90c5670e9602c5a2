using System.Globalization;
using System.Text;

namespace DevOps.Core.Notifications.Messages;

/// <summary>What is told about a deployment, without any channel's form.</summary>
public sealed record DeploymentMessage
{
    private const int LongestLine = 300;

    /// <summary>Id of the delivery; the same for every try.</summary>
    public required string Id { get; init; }

    /// <summary>The state that is told, or <c>test</c>.</summary>
    public required string Event { get; init; }

    /// <summary>When the message came up (UTC).</summary>
    public required DateTimeOffset At { get; init; }

    /// <summary>Number of the deployment; null in a test.</summary>
    public long? Deployment { get; init; }

    /// <summary>Key of the project.</summary>
    public required string Project { get; init; }

    /// <summary>Name of the environment.</summary>
    public required string Environment { get; init; }

    /// <summary>Who asked for it.</summary>
    public required string RequestedBy { get; init; }

    /// <summary>Number of the release.</summary>
    public int? Release { get; init; }

    /// <summary>Full hash of the commit.</summary>
    public string? CommitSha { get; init; }

    /// <summary>First line of the commit's message.</summary>
    public string? CommitMessage { get; init; }

    /// <summary>How long it ran.</summary>
    public TimeSpan? Duration { get; init; }

    /// <summary>What went wrong, with secrets hidden.</summary>
    public string? Error { get; init; }

    /// <summary>Address of the deployment's page; null when the platform does not know its own.</summary>
    public string? Link { get; init; }

    /// <summary>Whether the message is about something that went wrong.</summary>
    public bool IsBad => Event is "failed" or "rejected";

    /// <summary>Whether the message is about something that went well.</summary>
    public bool IsGood => Event is "succeeded";

    /// <summary>One line that says it all: <c>❌ shop → production: failed (#1042)</c>.</summary>
    public string Title
    {
        get
        {
            var (sign, words) = Words;
            return Deployment is { } number
                ? string.Create(CultureInfo.InvariantCulture, $"{sign} {Project} → {Environment}: {words} (#{number})")
                : $"{sign} {words}";
        }
    }

    /// <summary>The facts below the title, label and value, each a single line.</summary>
    public IReadOnlyList<(string Label, string Value)> Facts
    {
        get
        {
            var facts = new List<(string, string)> { ("Asked for by", RequestedBy) };
            if (CommitSha is { Length: > 0 } sha)
            {
                facts.Add(("Commit", $"{sha[..Math.Min(8, sha.Length)]} {CommitMessage}".TrimEnd()));
            }

            if (Release is { } release)
            {
                facts.Add(("Release", release.ToString(CultureInfo.InvariantCulture)));
            }

            if (Duration is { } duration)
            {
                facts.Add(("Duration", Spoken(duration)));
            }

            if (Error is { Length: > 0 } error)
            {
                facts.Add(("Error", error));
            }

            return [.. facts.Select(f => (f.Item1, Line(f.Item2)))];
        }
    }

    private (string Sign, string Words) Words => Event switch
    {
        "pendingApproval" => ("✋", "waits for an approval"),
        "queued" => ("⏳", "is waiting to run"),
        "running" => ("🚀", "has begun"),
        "succeeded" => ("✅", "succeeded"),
        "failed" => ("❌", "failed"),
        "cancelled" => ("⏹", "was cancelled"),
        "rejected" => ("⛔", "was rejected"),
        "superseded" => ("⏭", "was superseded by a newer one"),
        _ => ("👋", "This is a test message. Messages about deployments will look like this."),
    };

    private static string Spoken(TimeSpan duration) => duration.TotalHours >= 1
        ? string.Create(CultureInfo.InvariantCulture, $"{(int)duration.TotalHours} h {duration.Minutes} min")
        : duration.TotalMinutes >= 1
            ? string.Create(CultureInfo.InvariantCulture, $"{(int)duration.TotalMinutes} min {duration.Seconds} s")
            : string.Create(CultureInfo.InvariantCulture, $"{duration.TotalSeconds:0.#} s");

    // The first lines of an error on one line, cut where no pair of characters is torn apart.
    private static string Line(string text)
    {
        var line = new StringBuilder(LongestLine);
        foreach (var rune in text.EnumerateRunes())
        {
            if (line.Length >= LongestLine)
            {
                return line.Append('…').ToString();
            }

            line.Append(Rune.IsControl(rune) ? " " : rune.ToString());
        }

        return line.ToString().Trim();
    }
}
