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

    private string Partial => TransferScripts.Partial(upload);

    /// <summary>Does it all: looks, sends, proves, dresses, puts into place.</summary>
    public async Task<UploadResult> RunAsync(CancellationToken cancellationToken)
    {
        UploadPaths.Check(upload);
        var there = await session.RunAsync(TransferScripts.Begin(upload, _hash, afresh: false), cancellationToken);
        if (IsWord(there, TransferScripts.Whole))
        {
            if (await IsStillWholeAsync(cancellationToken))
            {
                await DressAsync(cancellationToken);
                await output.SayAsync($"Release {Text(upload.Number)} is already there.", cancellationToken);
                return new UploadResult(AlreadyThere: true, FilesSent: 0, BytesSent: 0, FilesLinked: 0);
            }

            await output.SayAsync($"Release {Text(upload.Number)} was changed on the server: it is sent anew.", cancellationToken);
            there = await session.RunAsync(TransferScripts.Begin(upload, _hash, afresh: true), cancellationToken);
        }

        return IsWord(there, TransferScripts.FromBase)
            ? await FromBaseAsync(there[(TransferScripts.FromBase.Length + 1)..], cancellationToken)
            : await WholeAsync(cancellationToken);
    }

    private async Task<UploadResult> FromBaseAsync(string found, CancellationToken cancellationToken)
    {
        var plan = TransferPlan.Delta(upload.Manifest, upload.Base!.Value.Manifest, found);
        var sent = plan.StreamLength;
        var differing = await BringAsync(plan, upload.VerifyAll ? upload.Manifest.Entries.Except(plan.Send) : [], cancellationToken);
        if (differing.Count == 0)
        {
            var line = $"{Text(plan.Send.Count)} of {Files(upload.Manifest.Entries.Count)} changed, {ByteSize.Text(sent)} sent, {Text(plan.Linked)} linked from release {Text(upload.Base.Value.Number)}";
            await output.SayAsync(line, cancellationToken);
            return new UploadResult(AlreadyThere: false, plan.Send.Count, sent, plan.Linked);
        }

        await output.SayAsync($"Files on the server differ from release {Text(upload.Base.Value.Number)} ({Names(differing)}): the whole release is sent.", cancellationToken);
        await session.RunAsync(TransferScripts.Begin(upload, _hash, afresh: true), cancellationToken);
        return await WholeAsync(cancellationToken);
    }

    private async Task<UploadResult> WholeAsync(CancellationToken cancellationToken)
    {
        var plan = TransferPlan.Full(upload.Manifest);
        var sent = plan.StreamLength;
        var differing = await BringAsync(plan, [], cancellationToken);
        if (differing.Count > 0)
        {
            throw new StepFailure($"{session.Server}: after a full upload these files still differ from the release: {Names(differing)}. Check the disk and the memory of the server.");
        }

        await output.SayAsync($"{Files(plan.Send.Count)}, {ByteSize.Text(sent)} sent", cancellationToken);
        return new UploadResult(AlreadyThere: false, plan.Send.Count, sent, FilesLinked: 0);
    }

    /// <summary>Sends what is missing, and puts the release into its place when everything is as it shall be.</summary>
    /// <returns>Paths that differ; none when the release is in its place.</returns>
    private async Task<IReadOnlyList<string>> BringAsync(TransferPlan plan, IEnumerable<ManifestEntry> kept, CancellationToken cancellationToken)
    {
        var arrived = plan.Send.Where(e => e.LinkTarget is null).ToList();
        var before = kept.Where(e => e.LinkTarget is null).ToList();
        var proof = arrived.All(e => e.Checksum is not null) ? PlaceIf(ComparisonScripts.Prove(upload, Partial, arrived, before)) : "";

        // Checksums are quick: they go with the stream. Hashes of what lay there may take long, and whoever cancels must be able to end them.
        var said = await SendAsync(plan, before.Count == 0 ? proof : "", cancellationToken);
        if (before.Count > 0)
        {
            said = await RunAsync(proof, cancellationToken);
        }

        if (IsWord(said, "same"))
        {
            return [];
        }

        // Only hashes say what differs, and whether anything does.
        var lines = (await session.RunAsync(PlaceIf(ComparisonScripts.Verify(upload, Partial, [.. arrived, .. before])), cancellationToken)).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        return lines is [.., "same"] ? [] : [.. lines.SelectMany(FailedPath).DefaultIfEmpty(lines.FirstOrDefault() ?? "")];
    }

    private string PlaceIf(string same) => same + "if [ \"$result\" != same ]; then exit 0; fi\n" + TransferScripts.Dress(upload, Partial) + TransferScripts.Finish(upload, _hash);

    private Task<string> RunAsync(string script, CancellationToken cancellationToken) => script.Length == 0 ? Task.FromResult("") : session.RunAsync(script, cancellationToken);

    private Task<string> SendAsync(TransferPlan plan, string afterwards, CancellationToken cancellationToken) => plan.StreamLength == 0
        ? RunAsync(afterwards, cancellationToken)
        : session.SendAsync(
            TransferScripts.Receive(upload, plan.Remove) + afterwards,
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
        var files = upload.Manifest.Entries.Where(e => e.LinkTarget is null && !covered(e.Path)).ToList();
        var said = await session.RunAsync(ComparisonScripts.Verify(upload, TransferScripts.Place(upload), files), cancellationToken);
        return said.EndsWith("same\n", StringComparison.Ordinal);
    }

    private Task DressAsync(CancellationToken cancellationToken) =>
        upload.Shared.Count + upload.Files.Count == 0 ? Task.CompletedTask : session.RunAsync(TransferScripts.Dress(upload, TransferScripts.Place(upload)), cancellationToken);

    // "./path: FAILED" or "./path: FAILED open or read".
    private static IEnumerable<string> FailedPath(string line)
    {
        var end = line.LastIndexOf(": FAILED", StringComparison.Ordinal);
        return line.StartsWith("./", StringComparison.Ordinal) && end > 2 ? [line[2..end]] : [];
    }

    private static bool IsWord(string said, string word) => said.StartsWith(word + "\n", StringComparison.Ordinal);

    private static string Names(IReadOnlyList<string> paths) => string.Join(", ", paths.Take(3)) + (paths.Count > 3 ? ", …" : "");

    private static string Files(int count) => $"{Text(count)} {(count == 1 ? "file" : "files")}";

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
