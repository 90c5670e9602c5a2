using DevOps.Core;

namespace DevOps.Infrastructure.Notifications;

/// <summary>What became of one try.</summary>
/// <param name="Sent">The receiver took it.</param>
/// <param name="Text">What it said, or what went wrong; one line, at most 500 characters.</param>
/// <param name="Final">Whether another try would be in vain.</param>
/// <param name="After">How long the receiver wants to be left alone.</param>
public sealed record SendAnswer(bool Sent, string Text, bool Final = false, TimeSpan? After = null)
{
    private const int Longest = 500;

    /// <summary>The receiver took it.</summary>
    public static SendAnswer Taken(string text) => new(Sent: true, Line(text));

    /// <summary>It may work later.</summary>
    public static SendAnswer Later(string text, TimeSpan? after = null) => new(Sent: false, Line(text), After: after);

    /// <summary>It never will.</summary>
    public static SendAnswer Never(string text) => new(Sent: false, Line(text), Final: true);

    private static string Line(string text)
    {
        var line = new string([.. text.Select(c => char.IsControl(c) ? ' ' : c)]).Trim();
        return Excerpt.Shortened(line, Longest);
    }
}
