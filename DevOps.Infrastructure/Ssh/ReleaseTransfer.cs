using System.Globalization;
using DevOps.Core.Logs;
using DevOps.Core.Pipeline;
using DevOps.Core.Pipeline.Ports;
using DevOps.Core.Releases;

namespace DevOps.Infrastructure.Ssh;

/// <summary>Brings one release to one server, sending only what the base there lacks. What is on the server is proved: what has just arrived by checksums, for the connection already proved who sent it,
/// what lay there before by hashes. When they differ, everything is sent once more.</summary>
internal sealed class ReleaseTransfer(TransferSession session, IArtifactStore artifacts, ReleaseUpload upload, ILogOutput output)
{
    private readonly string _hash = upload.Manifest.Hash();
    private readonly string _partial = TransferScripts.Partial(upload);

    /// <summary>Does it all: looks, sends, proves, dresses, puts into place.</summary>
    public async Task<UploadResult> RunAsync(CancellationToken cancellationToken)
    {
        UploadPaths.Check(upload);
        if (upload.Base is null)
        {
            // Hardly ever there already: the question goes with the stream.
            return await WholeAsync(afresh: false, cancellationToken);
        }

        var there = await session.RunAsync(Begin(afresh: false), cancellationToken);
        return IsWord(there, TransferScripts.Whole) ? await KeptAsync(cancellationToken)
            : IsWord(there, TransferScripts.FromBase) ? await FromBaseAsync(AfterWord(there), cancellationToken)
            : await WholeAsync(afresh: true, cancellationToken);
    }

    private async Task<UploadResult> KeptAsync(CancellationToken cancellationToken)
    {
        if (await IsStillWholeAsync(cancellationToken))
        {
            await DressAsync(cancellationToken);
            await output.SayAsync($"Release {Text(upload.Number)} is already there.", cancellationToken);
            return new UploadResult(AlreadyThere: true, FilesSent: 0, BytesSent: 0, FilesLinked: 0);
        }

        await output.SayAsync($"Release {Text(upload.Number)} was changed on the server: it is sent anew.", cancellationToken);
        return await WholeAsync(afresh: true, cancellationToken);
    }

    private async Task<UploadResult> FromBaseAsync(string found, CancellationToken cancellationToken)
    {
        var (number, manifest) = upload.Base!.Value;
        var plan = TransferPlan.Delta(upload.Manifest, manifest, found);
        var kept = upload.VerifyAll ? FilesOf(upload.Manifest.Entries.Except(plan.Send)) : [];

        // Checksums are quick: they go with the stream. Hashes of what lay there before may take long, and whoever cancels must be able to end them.
        var proof = Proof(plan, kept);
        var said = await SendAsync(plan, "", kept.Count == 0 ? proof : "", cancellationToken);
        if (kept.Count > 0)
        {
            said = await RunAsync(proof, cancellationToken);
        }

        var differing = await DifferingAsync(said, plan, kept, cancellationToken);
        if (differing.Count == 0)
        {
            var line = $"{Text(plan.Send.Count)} of {Files(upload.Manifest.Entries.Count)} changed, {ByteSize.Text(plan.StreamLength)} sent, {Text(plan.Linked)} linked from release {Text(number)}";
            await output.SayAsync(line, cancellationToken);
            return new UploadResult(AlreadyThere: false, plan.Send.Count, plan.StreamLength, plan.Linked);
        }

        await output.SayAsync($"Files on the server differ from release {Text(number)} ({Names(differing)}): the whole release is sent.", cancellationToken);
        return await WholeAsync(afresh: true, cancellationToken);
    }

    private async Task<UploadResult> WholeAsync(bool afresh, CancellationToken cancellationToken)
    {
        var plan = TransferPlan.Full(upload.Manifest);
        var said = await SendAsync(plan, Begin(afresh), Proof(plan, []), cancellationToken);
        if (!afresh && IsWord(said, TransferScripts.Whole))
        {
            return await KeptAsync(cancellationToken);
        }

        var differing = await DifferingAsync(said, plan, [], cancellationToken);
        if (differing.Count > 0)
        {
            throw new StepFailure($"{session.Server}: after a full upload these files still differ from the release: {Names(differing)}. Check the disk and the memory of the server.");
        }

        await output.SayAsync($"{Files(plan.Send.Count)}, {ByteSize.Text(plan.StreamLength)} sent", cancellationToken);
        return new UploadResult(AlreadyThere: false, plan.Send.Count, plan.StreamLength, FilesLinked: 0);
    }

    private string Begin(bool afresh) => TransferScripts.Begin(upload, _partial, _hash, afresh);

    /// <summary>Compares what has arrived and what was kept, and puts the release into its place when everything is as it shall be; nothing where there are no checksums.</summary>
    private string Proof(TransferPlan plan, IReadOnlyCollection<ManifestEntry> kept)
    {
        var arrived = FilesOf(plan.Send);
        return arrived.All(e => e.Checksum is not null) ? PlaceIf(ComparisonScripts.Prove(upload, _partial, arrived, kept)) : "";
    }

    /// <summary>What differs by the hashes, which have the last word, when the proof did not say that everything is the same. Puts the release into its place when nothing does.</summary>
    private async Task<IReadOnlyList<string>> DifferingAsync(string said, TransferPlan plan, IReadOnlyList<ManifestEntry> kept, CancellationToken cancellationToken)
    {
        if (IsWord(said, ComparisonScripts.Same))
        {
            return [];
        }

        var lines = (await session.RunAsync(PlaceIf(ComparisonScripts.Verify(upload, _partial, [.. FilesOf(plan.Send), .. kept])), cancellationToken)).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        return lines is [.., ComparisonScripts.Same] ? [] : [.. lines.SelectMany(FailedPath).DefaultIfEmpty(lines.FirstOrDefault() ?? "")];
    }

    private string PlaceIf(string comparison) => comparison + ComparisonScripts.EndIfDifferent + TransferScripts.Dress(upload, _partial) + TransferScripts.Finish(upload, _partial, _hash);

    private Task<string> RunAsync(string script, CancellationToken cancellationToken) => script.Length == 0 ? Task.FromResult("") : session.RunAsync(script, cancellationToken);

    private Task<string> SendAsync(TransferPlan plan, string before, string afterwards, CancellationToken cancellationToken) => plan.StreamLength == 0
        ? RunAsync(before + afterwards, cancellationToken)
        : session.SendAsync(
            before + TransferScripts.Receive(upload, _partial, plan) + afterwards,
            plan.StreamLength,
            async (target, token) =>
            {
                await using var artifact = artifacts.OpenTar(upload.ProjectId, upload.Number);
                await ReleaseStream.WriteAsync(artifact, plan.Send, target, token);
            },
            cancellationToken);

    private async Task<bool> IsStillWholeAsync(CancellationToken cancellationToken)
    {
        if (!upload.VerifyAll)
        {
            return true;
        }

        var covered = UploadPaths.Covered(upload);
        var files = FilesOf(upload.Manifest.Entries).Where(e => !covered(e.Path)).ToList();
        var said = await session.RunAsync(ComparisonScripts.Verify(upload, TransferScripts.Place(upload), files), cancellationToken);
        return said.EndsWith(ComparisonScripts.Same + "\n", StringComparison.Ordinal);
    }

    private Task DressAsync(CancellationToken cancellationToken) =>
        upload.Shared.Count + upload.Files.Count == 0 ? Task.CompletedTask : session.RunAsync(TransferScripts.Dress(upload, TransferScripts.Place(upload)), cancellationToken);

    // "./path: FAILED" or "./path: FAILED open or read".
    private static IEnumerable<string> FailedPath(string line)
    {
        var end = line.LastIndexOf(": FAILED", StringComparison.Ordinal);
        return line.StartsWith("./", StringComparison.Ordinal) && end > 2 ? [line[2..end]] : [];
    }

    private static List<ManifestEntry> FilesOf(IEnumerable<ManifestEntry> entries) => [.. entries.Where(e => e.LinkTarget is null)];

    private static bool IsWord(string said, string word) => said.StartsWith(word + "\n", StringComparison.Ordinal);

    private static string AfterWord(string said) => said[(said.IndexOf('\n', StringComparison.Ordinal) + 1)..];

    private static string Names(IReadOnlyList<string> paths) => string.Join(", ", paths.Take(3)) + (paths.Count > 3 ? ", …" : "");

    private static string Files(int count) => $"{Text(count)} {(count == 1 ? "file" : "files")}";

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
