import org.apache.hadoop.hbase.HBaseConfiguration;
import org.apache.hadoop.hbase.TableName;
import org.apache.hadoop.hbase.client.ColumnFamilyDescriptorBuilder;
import org.apache.hadoop.hbase.client.ConnectionFactory;
import org.apache.hadoop.hbase.client.TableDescriptorBuilder;
import org.apache.hadoop.hbase.master.HMaster;

/** An HBase in one process, with the tables that OpenTSDB asks for: each argument is a table and its families. */
class Tables {
    public static void main(String[] tables) throws Exception {
        new Thread(() -> HMaster.main(new String[] {"start"})).start();
        try (var connection = ConnectionFactory.createConnection(HBaseConfiguration.create());
                var admin = connection.getAdmin()) {
            for (var table : tables) {
                var names = table.split(":");
                var description = TableDescriptorBuilder.newBuilder(TableName.valueOf(names[0]));
                for (var family : names[1].split(",")) {
                    description.setColumnFamily(ColumnFamilyDescriptorBuilder.of(family));
                }
                admin.createTable(description.build());
            }
        }
        System.out.println("all tables are made");
    }
}
