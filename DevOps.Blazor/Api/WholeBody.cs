using System.Buffers;
using Microsoft.AspNetCore.Http.Features;

namespace DevOps.Blazor.Api;

/// <summary>Reads a body into memory before anything looks at it: it can be read again to name every fault, and a client that sends too much
/// is heard out (to a limit) instead of being cut off, so that it gets to see the 413.</summary>
internal static class WholeBody
{
    /// <summary>Largest body that is read, in bytes.</summary>
    public const int Max = 1024 * 1024;

    private const int MaxHeardOut = 32 * Max;
    private const int Piece = 32 * 1024;

    public static async Task ReadAsync(HttpContext context, RequestDelegate next)
    {
        if (context.Features.Get<IHttpRequestBodyDetectionFeature>()?.CanHaveBody != true)
        {
            await next(context);
            return;
        }

        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } limit)
        {
            limit.MaxRequestBodySize = MaxHeardOut;
        }

        // Kept until the request ends: who explains a refused body reads it again.
        var body = new MemoryStream();
        context.Response.RegisterForDispose(body);
        if (!await CopyAsync(context.Request.Body, body, context.RequestAborted))
        {
            await Problems.WriteAsync(context, StatusCodes.Status413PayloadTooLarge, BadRequests.DetailOf(StatusCodes.Status413PayloadTooLarge));
            return;
        }

        body.Position = 0;
        context.Request.Body = body;
        await next(context);
    }

    private static async Task<bool> CopyAsync(Stream from, MemoryStream to, CancellationToken cancellationToken)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(Piece);
        try
        {
            var fits = true;
            while (await from.ReadAsync(buffer, cancellationToken) is var count and > 0)
            {
                fits = fits && to.Length + count <= Max;
                if (fits)
                {
                    to.Write(buffer, 0, count);
                }
            }

            return fits;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }
}
