using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Storage;
using Npgsql;

namespace DevOps.Infrastructure.Persistence;

/// <summary>Statements that are written by hand, on the connection and in the transaction of a context.</summary>
internal static class HandWrittenSql
{
    /// <summary>Runs a statement.</summary>
    /// <param name="db">The context.</param>
    /// <param name="sql">The statement, with its values as <c>$1</c>, <c>$2</c> and so on.</param>
    /// <param name="values">The values.</param>
    /// <param name="run">Executes it and reads the answer.</param>
    public static async Task<T> OnContextAsync<T>(DevOpsDbContext db, string sql, object?[] values, Func<NpgsqlCommand, Task<T>> run)
    {
        await db.Database.OpenConnectionAsync();
        try
        {
            await using var command = new NpgsqlCommand(sql, (NpgsqlConnection)db.Database.GetDbConnection());
            command.Transaction = (NpgsqlTransaction?)db.Database.CurrentTransaction?.GetDbTransaction();
            Add(command.Parameters, values);
            return await run(command);
        }
        finally
        {
            await db.Database.CloseConnectionAsync();
        }
    }

    /// <summary>Adds values in their order.</summary>
    public static void Add(NpgsqlParameterCollection parameters, object?[] values) =>
        Array.ForEach(values, value => parameters.Add(new NpgsqlParameter { Value = value ?? DBNull.Value }));
}
