using DevOps.Core.Queue;

namespace DevOps.Infrastructure.Queue;

/// <summary>Who takes over the slots of turns that end. Their next jobs are taken in the round trip that writes the ends down.</summary>
/// <param name="Worker">Name they are taken under.</param>
/// <param name="Kinds">Kinds they may be of.</param>
/// <param name="Ask">Asked before: the monotonic timestamp of now when something is wanted, null when nothing is.</param>
/// <param name="GiveAsync">Gets what was taken, in the order of priority and id, with the timestamp from before.</param>
public sealed record JobSuccession(string Worker, IReadOnlyCollection<string> Kinds, Func<long?> Ask, Func<IReadOnlyList<Job>, long, Task> GiveAsync);
