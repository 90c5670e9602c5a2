using System.Globalization;
using System.Text;
using DevOps.Core.Refusals;

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
    public Sentence? Error { get; init; }

    /// <summary>Says sentences in the language of the message; in English unless set.</summary>
    public Func<Sentence, string> Say { get; init; } = sentence => sentence.ToString();

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
            var words = Say(Words);
            return Deployment is { } number
                ? string.Create(CultureInfo.InvariantCulture, $"{Sign} {Project} → {Environment}: {words} (#{number})")
                : $"{Sign} {words}";
        }
    }

    /// <summary>The facts below the title, label and value, each a single line.</summary>
    public IReadOnlyList<(string Label, string Value)> Facts
    {
        get
        {
            var facts = new List<(string, string)> { (Say("Asked for by"), RequestedBy) };
            if (CommitSha is { Length: > 0 } sha)
            {
                facts.Add((Say("Commit"), $"{sha[..Math.Min(8, sha.Length)]} {CommitMessage}".TrimEnd()));
            }

            if (Release is { } release)
            {
                facts.Add((Say("Release"), release.ToString(CultureInfo.InvariantCulture)));
            }

            if (Duration is { } duration)
            {
                facts.Add((Say("Duration"), Say(Spoken(duration))));
            }

            if (Error is { } error)
            {
                facts.Add((Say("Error"), Say(error)));
            }

            return [.. facts.Select(f => (f.Item1, Line(f.Item2)))];
        }
    }

    /// <summary>The error in English on one short line, for programs.</summary>
    public string? PlainError => Error is { } error ? Line(error.ToString()) : null;

    private string Sign => Event switch
    {
        "pendingApproval" => "✋",
        "queued" => "⏳",
        "running" => "🚀",
        "succeeded" => "✅",
        "failed" => "❌",
        "cancelled" => "⏹",
        "rejected" => "⛔",
        "superseded" => "⏭",
        _ => "👋",
    };

    private Sentence Words => Event switch
    {
        "pendingApproval" => Sentence.Of("waits for an approval"),
        "queued" => Sentence.Of("is waiting to run"),
        "running" => Sentence.Of("has begun"),
        "succeeded" => Sentence.Of("succeeded"),
        "failed" => Sentence.Of("failed"),
        "cancelled" => Sentence.Of("was cancelled"),
        "rejected" => Sentence.Of("was rejected"),
        "superseded" => Sentence.Of("was superseded by a newer one"),
        _ => Sentence.Of("This is a test message. Messages about deployments will look like this."),
    };

    private static Sentence Spoken(TimeSpan duration) => duration.TotalHours >= 1
        ? Sentence.Of($"{(int)duration.TotalHours} h {duration.Minutes} min")
        : duration.TotalMinutes >= 1
            ? Sentence.Of($"{(int)duration.TotalMinutes} min {duration.Seconds} s")
            : Sentence.Of($"{duration.TotalSeconds:0.#} s");

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
