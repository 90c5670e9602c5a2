using System.Globalization;
using DevOps.Core;
using DevOps.Core.Access;
using DevOps.Core.Audit;
using DevOps.Infrastructure.Persistence;

namespace DevOps.Infrastructure.Audit;

/// <summary>Writes the audit line of a change into the change's own transaction. Which fields changed is seen by the context itself
/// (<see cref="ChangeNotes"/>) and joins the line as it is saved.</summary>
public sealed class AuditTrail(TimeProvider time)
{
    private const int MaxActor = 256;
    private const int MaxSubject = 200;
    private const int MaxSummary = 2000;
    private readonly RefusalLimit _limit = new(time);

    /// <summary>Adds a line to the context; it is saved together with the change it tells of.</summary>
    /// <param name="db">The context of the change.</param>
    /// <param name="actor">Who did it.</param>
    /// <param name="action">Noun and verb: <c>project.create</c>.</param>
    /// <param name="subject">What it was done to: <c>project/shop</c>.</param>
    /// <param name="summary">A sentence without secrets.</param>
    public void Add(DevOpsDbContext db, Actor actor, string action, string subject, string summary) =>
        db.AuditEntries.Add(Line(actor, action, subject, summary));

    /// <summary>A line as it is written, for a statement that writes it by itself.</summary>
    internal AuditEntry Line(Actor actor, string action, string subject, string summary) => new()
    {
        At = time.GetUtcNow(),
        Actor = OneLine(actor.Name, MaxActor),
        Action = action,
        Subject = OneLine(subject, MaxSubject),
        Summary = OneLine(summary, MaxSummary),
        Ip = actor.Address,
    };

    /// <summary>Adds a line about something that was refused, unless the same was refused so often of late that more lines would only fill the log.
    /// The next line then says how many were left out.</summary>
    /// <returns>False when no line was added.</returns>
    public bool AddRefused(DevOpsDbContext db, Actor actor, string action, string subject, string summary)
    {
        if (_limit.Take($"{actor.Name}\n{actor.Address}\n{action}") is not { } untold)
        {
            return false;
        }

        Add(db, actor, action, subject, untold == 0 ? summary : string.Create(CultureInfo.InvariantCulture, $"{summary} {untold} more were refused since the last line."));
        return true;
    }

    // What others typed stays in its line: a line break in a name must not look like an entry of its own.
    private static string OneLine(string text, int length)
    {
        var line = string.Create(text.Length, text, static (span, from) =>
        {
            for (var i = 0; i < span.Length; i++)
            {
                span[i] = char.IsControl(from[i]) || from[i] is '\u2028' or '\u2029' ? ' ' : from[i];
            }
        });
        return Excerpt.Of(line, length);
    }
}
