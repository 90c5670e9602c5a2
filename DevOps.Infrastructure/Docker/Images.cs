using System.Net;
using System.Text.Json;
using DevOps.Core.Logs;
using DevOps.Core.Pipeline;
using DevOps.Core.Refusals;

namespace DevOps.Infrastructure.Docker;

/// <summary>Sees to it that an image is on the engine.</summary>
public sealed class Images(DockerConnection connection, TimeProvider time)
{
    // Unpacking a large layer on a slow disk is silent for a while.
    private static readonly TimeSpan Stall = TimeSpan.FromMinutes(5);

    /// <summary>Pulls the image when it is absent.</summary>
    /// <returns>What the engine knows of it.</returns>
    /// <exception cref="StepFailure">It cannot be had.</exception>
    public async Task<ImageFacts> EnsureAsync(string image, ILogOutput output, CancellationToken cancellationToken)
    {
        var name = ImageName.Parse(image);
        if (await FindAsync(name, cancellationToken) is { } there)
        {
            return there;
        }

        await output.SayAsync($"pulling image {name.Full}", cancellationToken);
        try
        {
            await PullAsync(name, output, cancellationToken);
        }
        catch (EngineRefusal refusal)
        {
            throw CannotBeHad(image, Sentence.Verbatim(refusal.Message.Trim()), refusal);
        }

        return await FindAsync(name, cancellationToken) ?? throw CannotBeHad(image, "the engine says it was pulled, yet does not have it");
    }

    private async Task<ImageFacts?> FindAsync(ImageName name, CancellationToken cancellationToken)
    {
        try
        {
            return await connection.AskAsync<ImageFacts>(new EngineCall(HttpMethod.Get, $"/images/{name.Full}/json"), cancellationToken);
        }
        catch (EngineRefusal refusal) when (refusal.Status is HttpStatusCode.NotFound)
        {
            return null;
        }
    }

    private async Task PullAsync(ImageName name, ILogOutput output, CancellationToken cancellationToken)
    {
        var path = $"/images/create?fromImage={Uri.EscapeDataString(name.Repository)}&tag={Uri.EscapeDataString(name.Tag)}";
        await using var stream = await connection.OpenStreamAsync(new EngineCall(HttpMethod.Post, path) { Limit = Stall }, Stall, cancellationToken);
        using var reader = new StreamReader(stream);
        var progress = new PullProgress(name.Full, time);
        while (await reader.ReadLineAsync(cancellationToken) is { } line)
        {
            if (line.Length > 0 && progress.Take(ReadTick(line)) is { } text)
            {
                await output.SayAsync(text, cancellationToken);
            }
        }

        if (progress.Error is { } error)
        {
            throw CannotBeHad(name.Full, Sentence.Verbatim(error.Trim()));
        }

        await output.SayAsync(progress.Summary(), cancellationToken);
    }

    private static PullTick ReadTick(string line)
    {
        try
        {
            return JsonSerializer.Deserialize<PullTick>(line, JsonSerializerOptions.Web) ?? new PullTick();
        }
        catch (JsonException e)
        {
            throw new EngineUnavailable($"The container engine's progress cannot be read: {e.Message}", e);
        }
    }

    private static StepFailure CannotBeHad(string image, Sentence why, Exception? inner = null) =>
        new($"image {image} cannot be had: {why}. Check its name, and that the engine reaches the registry and may pull from it.", null, inner);
}

/// <summary>What the engine knows of an image.</summary>
public sealed record ImageFacts(string Id, ImageConfig? Config);

/// <summary>The part of an image's settings that matters here.</summary>
public sealed record ImageConfig(string? User);
