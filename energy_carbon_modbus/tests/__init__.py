from . import test_gateway, test_map, test_polling, test_test_read, test_translation
